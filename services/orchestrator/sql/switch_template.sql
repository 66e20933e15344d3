UPDATE orchestrator.templates SET active = $2::boolean, updated_at = $3::timestamptz, updated_by = $4::text WHERE key = $1::text
