UPDATE dispatcher.pending p
SET state = d.state, provider = d.provider, due_at = d.due_at, round = d.round, attempt = d.attempt,
    tried = string_to_array(d.tried, ','), extra_call = d.extra_call, claimed_by = NULL, claim = NULL, claimed_at = NULL
FROM unnest($1::uuid[], $2::bigint[], $3::smallint[], $4::text[], $5::timestamptz[], $6::int[], $7::int[], $8::text[], $9::boolean[])
  AS d(message_id, claim, state, provider, due_at, round, attempt, tried, extra_call)
WHERE p.message_id = d.message_id AND p.state = 1 AND p.claimed_by = $10::bigint AND p.claim = d.claim
RETURNING p.message_id
