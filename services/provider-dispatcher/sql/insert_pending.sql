-- Not ON CONFLICT: its speculative insertion writes a second WAL record for every row. Whoever inserts the same message
-- at the same moment makes this a unique violation.
INSERT INTO dispatcher.pending (message_id, due_at, expires_at, claimed_at, created_at, claimed_by, claim, round, attempt,
                                priority, state, extra_call, channel, provider, tried, record_partition, record_seq)
SELECT x.message_id, $1::timestamptz, x.expires_at, CASE WHEN x.state = 1 THEN $1::timestamptz END, $1::timestamptz,
       CASE WHEN x.state = 1 THEN $2::bigint END, CASE WHEN x.state = 1 THEN $3::bigint END, 1, x.state,
       x.priority, x.state, false, x.channel, x.provider, '{}', x.record_partition, x.record_seq
FROM unnest($4::uuid[], $5::timestamptz[], $6::smallint[], $7::smallint[], $8::text[], $9::text[], $10::int[], $11::bigint[])
  AS x(message_id, expires_at, state, priority, channel, provider, record_partition, record_seq)
WHERE NOT EXISTS (SELECT FROM dispatcher.pending p WHERE p.message_id = x.message_id OFFSET 0)
RETURNING message_id
