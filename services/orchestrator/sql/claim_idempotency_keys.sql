-- Claims (source, key) pairs in sorted order; answers the ones that are new or whose old claim has run out.
INSERT INTO orchestrator.idempotency_keys AS k (source, key, body_hash, message_id, message_count, accepted_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::uuid[], $5::integer[], $6::timestamptz[]) AS r (source, key, body_hash, message_id, message_count, accepted_at)
ORDER BY source, key
ON CONFLICT (source, key) DO UPDATE
  SET body_hash = EXCLUDED.body_hash, message_id = EXCLUDED.message_id, message_count = EXCLUDED.message_count, accepted_at = EXCLUDED.accepted_at
  WHERE k.accepted_at < $7::timestamptz
RETURNING message_id
