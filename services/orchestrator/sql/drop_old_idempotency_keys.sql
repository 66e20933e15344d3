DELETE FROM orchestrator.idempotency_keys
WHERE ctid = ANY (ARRAY (SELECT ctid FROM orchestrator.idempotency_keys WHERE accepted_at < $1::timestamptz LIMIT $2::integer))
