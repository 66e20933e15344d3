-- The pairs that have no row, in sorted order. Not ON CONFLICT: its speculative insertion writes a second WAL record for
-- every row. Whoever inserts the same pair at the same moment makes this a unique violation.
INSERT INTO orchestrator.idempotency_keys (source, key, body_hash, message_id, message_count, accepted_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::uuid[], $5::integer[], $6::timestamptz[]) AS r (source, key, body_hash, message_id, message_count, accepted_at)
WHERE NOT EXISTS (SELECT FROM orchestrator.idempotency_keys k WHERE k.source = r.source AND k.key = r.key OFFSET 0)
ORDER BY source, key
RETURNING message_id
