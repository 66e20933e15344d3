-- The branches are read in this order and only as far as the limit needs, so a higher priority goes first and rows
-- that are due later are never walked over; nor are those before $6, $7 and $8, which wait for a whole walk
-- (core/claim_walk.hpp).
WITH due AS MATERIALIZED (
  SELECT message_id FROM (
    SELECT message_id FROM (SELECT message_id FROM dispatcher.pending
      WHERE state = 0 AND provider = $1::text AND priority = 1
        AND due_at BETWEEN $6::timestamptz AND $2::timestamptz
      ORDER BY due_at, message_id LIMIT $3::bigint FOR UPDATE SKIP LOCKED) critical
    UNION ALL
    SELECT message_id FROM (SELECT message_id FROM dispatcher.pending
      WHERE state = 0 AND provider = $1::text AND priority = 2
        AND due_at BETWEEN $7::timestamptz AND $2::timestamptz
      ORDER BY due_at, message_id LIMIT $3::bigint FOR UPDATE SKIP LOCKED) normal
    UNION ALL
    SELECT message_id FROM (SELECT message_id FROM dispatcher.pending
      WHERE state = 0 AND provider = $1::text AND priority = 3
        AND due_at BETWEEN $8::timestamptz AND $2::timestamptz
      ORDER BY due_at, message_id LIMIT $3::bigint FOR UPDATE SKIP LOCKED) bulk
  ) by_priority LIMIT $3::bigint
)
UPDATE dispatcher.pending p
SET state = 1, claimed_by = $4::bigint, claim = $5::bigint, claimed_at = $2::timestamptz, attempt = p.attempt + 1
FROM due WHERE p.message_id = ANY (ARRAY[due.message_id])
RETURNING p.message_id, p.provider, p.priority, p.round, p.attempt, array_to_string(p.tried, ','), p.extra_call, p.claim,
          p.due_at, p.record_partition, p.record_seq, p.traceparent, p.payload
