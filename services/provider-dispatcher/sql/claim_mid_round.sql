-- Rows that wait at a provider nobody may call, after others of their round were tried: their round is over.
WITH due AS MATERIALIZED (
  SELECT message_id FROM dispatcher.pending
  WHERE state = 0 AND provider = $1::text AND due_at <= $2::timestamptz AND cardinality(tried) > 0
  ORDER BY priority, due_at, message_id LIMIT $3::bigint FOR UPDATE SKIP LOCKED
)
UPDATE dispatcher.pending p
SET state = 1, claimed_by = $4::bigint, claim = $5::bigint, claimed_at = $2::timestamptz, attempt = p.attempt + 1
FROM due WHERE p.message_id = ANY (ARRAY[due.message_id])
RETURNING p.message_id, p.provider, p.priority, p.round, p.attempt, array_to_string(p.tried, ','), p.extra_call, p.claim,
          p.due_at, p.record_partition, p.record_seq, p.traceparent, p.payload
