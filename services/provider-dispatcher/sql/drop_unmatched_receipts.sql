-- One lot of receipts that nothing was found for, received before $1; how many of each provider.
WITH old AS MATERIALIZED (
  SELECT provider, provider_message_id, kind, suppresses FROM dispatcher.unmatched_receipts WHERE received_at < $1::timestamptz
  ORDER BY received_at LIMIT $2::bigint FOR UPDATE SKIP LOCKED
), dropped AS (
  DELETE FROM dispatcher.unmatched_receipts u USING old o
  WHERE u.provider = ANY (ARRAY[o.provider]) AND u.provider_message_id = o.provider_message_id AND u.kind = o.kind AND u.suppresses = o.suppresses
  RETURNING u.provider
)
SELECT provider, count(*) FROM dropped GROUP BY provider ORDER BY provider
