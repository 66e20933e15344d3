-- Receipts kept for calls that have an outcome by now, or need none any more.
WITH ripe AS MATERIALIZED (
  SELECT e.message_id, e.attempt, e.kind FROM dispatcher.early_receipts e
  LEFT JOIN dispatcher.pending p ON p.message_id = ANY (ARRAY[e.message_id])
  WHERE p.state IS DISTINCT FROM 1
  ORDER BY e.message_id, e.attempt, e.kind LIMIT $1::bigint FOR UPDATE OF e SKIP LOCKED
)
DELETE FROM dispatcher.early_receipts e USING ripe r
WHERE e.message_id = ANY (ARRAY[r.message_id]) AND e.attempt = r.attempt AND e.kind = r.kind
RETURNING e.message_id, e.attempt, e.kind, e.provider, e.provider_message_id, e.occurred_at
