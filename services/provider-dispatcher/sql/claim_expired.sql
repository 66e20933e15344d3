WITH due AS MATERIALIZED (
  SELECT message_id FROM dispatcher.pending
  WHERE state = 0 AND expires_at IS NOT NULL AND expires_at <= $1::timestamptz
  ORDER BY expires_at LIMIT $2::bigint FOR UPDATE SKIP LOCKED
)
UPDATE dispatcher.pending p
SET state = 1, claimed_by = $3::bigint, claim = $4::bigint, claimed_at = $1::timestamptz, attempt = p.attempt + 1
FROM due WHERE p.message_id = ANY (ARRAY[due.message_id])
RETURNING p.message_id, p.provider, p.priority, p.round, p.attempt, array_to_string(p.tried, ','), p.extra_call, p.claim,
          p.due_at, p.record_partition, p.record_seq, p.traceparent, p.payload
