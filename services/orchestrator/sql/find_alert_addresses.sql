-- Those without a reference.
SELECT tenant_id, email FROM orchestrator.tenant_notifications WHERE email <> '' AND email_hash = '' LIMIT $1::integer
