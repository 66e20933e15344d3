INSERT INTO dispatcher.pending (message_id, due_at, expires_at, claimed_at, created_at, claimed_by, claim, round, attempt,
                                priority, state, extra_call, channel, provider, tried, traceparent, payload)
SELECT x.message_id, $1::timestamptz, x.expires_at, CASE WHEN x.state = 1 THEN $1::timestamptz END, $1::timestamptz,
       CASE WHEN x.state = 1 THEN $2::bigint END, CASE WHEN x.state = 1 THEN $3::bigint END, 1, x.state,
       x.priority, x.state, false, x.channel, x.provider, '{}', x.traceparent, x.payload
FROM unnest($4::uuid[], $5::timestamptz[], $6::smallint[], $7::smallint[], $8::text[], $9::text[], $10::text[], $11::text[])
  AS x(message_id, expires_at, state, priority, channel, provider, traceparent, payload)
ON CONFLICT (message_id) DO NOTHING
RETURNING message_id
