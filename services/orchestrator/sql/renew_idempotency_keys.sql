-- Of pairs that have a row: those whose claim has run out, which are claimed anew. Sorted, as every writer sorts.
WITH wanted AS (
  SELECT k.source, k.key, r.body_hash, r.message_id, r.message_count, r.accepted_at
  FROM unnest($1::text[], $2::text[], $3::bytea[], $4::uuid[], $5::integer[], $6::timestamptz[]) AS r (source, key, body_hash, message_id, message_count, accepted_at)
  JOIN orchestrator.idempotency_keys k ON k.source = ANY (ARRAY[r.source]) AND k.key = r.key
  WHERE k.accepted_at < $7::timestamptz
  ORDER BY r.source, r.key
  FOR UPDATE OF k)
UPDATE orchestrator.idempotency_keys k
SET body_hash = w.body_hash, message_id = w.message_id, message_count = w.message_count, accepted_at = w.accepted_at
FROM wanted w WHERE k.source = ANY (ARRAY[w.source]) AND k.key = w.key
RETURNING k.message_id
