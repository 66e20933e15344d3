-- Kept receipts, received since $1, whose call is known by now.
WITH found AS MATERIALIZED (
  SELECT u.provider, u.provider_message_id, u.kind, u.suppresses, s.message_id, s.attempt
  FROM dispatcher.unmatched_receipts u
  JOIN dispatcher.sent_calls s ON s.provider = ANY (ARRAY[u.provider]) AND s.provider_message_id = u.provider_message_id
  WHERE u.received_at >= $1::timestamptz
  LIMIT $2::bigint FOR UPDATE OF u SKIP LOCKED
)
DELETE FROM dispatcher.unmatched_receipts u USING found f
WHERE u.provider = ANY (ARRAY[f.provider]) AND u.provider_message_id = f.provider_message_id AND u.kind = f.kind AND u.suppresses = f.suppresses
RETURNING f.message_id, f.attempt, u.kind, u.provider, u.provider_message_id, u.occurred_at, u.suppress, u.recipient_hash,
          u.reason, u.provider_code, u.detail
