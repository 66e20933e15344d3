-- Ends messages that a receipt says a provider has: held ones, and those that wait to be sent again although that would
-- be no use. A receipt of a message whose call has no outcome yet is kept, in case the call stays unconfirmed; so is one
-- that would have ended its message, had that not been claimed, or ended, in the same moment.
WITH r AS MATERIALIZED (
  SELECT * FROM unnest($1::uuid[], $2::int[], $3::smallint[], $4::boolean[], $5::text[], $6::text[], $7::timestamptz[])
    AS r(message_id, attempt, kind, settled, provider, provider_message_id, occurred_at)
), ended AS (
  DELETE FROM dispatcher.pending p USING r
  WHERE p.message_id = ANY (ARRAY[r.message_id]) AND (p.state = 2 OR (p.state = 0 AND p.attempt > 0 AND r.settled))
  RETURNING p.message_id, p.provider, p.priority, p.round, p.attempt, array_to_string(p.tried, ',') AS tried, p.extra_call,
            coalesce(p.claim, 0) AS claim, p.due_at, p.record_partition, p.record_seq, p.traceparent, p.payload
), early AS (
  INSERT INTO dispatcher.early_receipts (message_id, attempt, kind, provider, provider_message_id, occurred_at)
  SELECT r.message_id, r.attempt, r.kind, r.provider, r.provider_message_id, r.occurred_at
  FROM r JOIN dispatcher.pending c ON c.message_id = ANY (ARRAY[r.message_id])
  WHERE (c.state = 1 OR c.state = 2 OR (c.state = 0 AND c.attempt > 0 AND r.settled))
    AND NOT EXISTS (SELECT FROM ended WHERE ended.message_id = r.message_id)
  ON CONFLICT DO NOTHING
)
SELECT * FROM ended
