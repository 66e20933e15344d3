SELECT locale, subject, text, html FROM orchestrator.template_bodies WHERE key = $1::text AND version = $2::integer ORDER BY locale
