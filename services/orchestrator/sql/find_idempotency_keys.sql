SELECT r.ordinal, k.body_hash, k.message_id, k.message_count
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS r (source, key, ordinal)
JOIN orchestrator.idempotency_keys k ON k.source = ANY (ARRAY[r.source]) AND k.key = r.key
WHERE k.accepted_at >= $3::timestamptz
