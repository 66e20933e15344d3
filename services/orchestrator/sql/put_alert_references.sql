-- Who has another address meanwhile is left as it is.
UPDATE orchestrator.tenant_notifications n SET email_hash = r.email_hash
FROM unnest($1::text[], $2::text[], $3::text[]) AS r (tenant_id, email, email_hash)
WHERE n.tenant_id = ANY (ARRAY[r.tenant_id]) AND n.email = r.email
