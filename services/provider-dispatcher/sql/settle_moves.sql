-- A row that is given a payload refers to the record no longer.
UPDATE dispatcher.pending p
SET state = d.state, provider = d.provider, due_at = d.due_at, round = d.round, attempt = d.attempt,
    tried = string_to_array(d.tried, ','), extra_call = d.extra_call, claimed_by = NULL, claim = NULL, claimed_at = NULL,
    payload = coalesce(d.payload, p.payload), traceparent = coalesce(d.traceparent, p.traceparent),
    record_partition = CASE WHEN d.payload IS NULL THEN p.record_partition END,
    record_seq = CASE WHEN d.payload IS NULL THEN p.record_seq END
FROM unnest($1::uuid[], $2::bigint[], $3::smallint[], $4::text[], $5::timestamptz[], $6::int[], $7::int[], $8::text[], $9::boolean[],
            $10::text[], $11::text[])
  AS d(message_id, claim, state, provider, due_at, round, attempt, tried, extra_call, payload, traceparent)
WHERE p.message_id = ANY (ARRAY[d.message_id]) AND p.state = 1 AND p.claimed_by = $12::bigint AND p.claim = d.claim
RETURNING p.message_id
