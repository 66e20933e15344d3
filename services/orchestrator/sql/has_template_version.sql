SELECT EXISTS (SELECT FROM orchestrator.template_versions WHERE key = $1::text AND version = $2::integer)
