UPDATE orchestrator.templates SET active_version = $2::integer, activated_at = $3::timestamptz, activated_by = $4::text, updated_at = $3::timestamptz, updated_by = $4::text
WHERE key = $1::text
