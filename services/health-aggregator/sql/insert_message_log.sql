-- One batch of status events in one statement: the rows, their minute counts, and the open-message counts, each only for
-- rows that were not there before. All parts see the table as it was before the statement.
-- Returns what was counted, for the metrics.
WITH input AS MATERIALIZED (
  SELECT * FROM unnest($1::uuid[], $2::smallint[], $3::integer[], $4::timestamptz[], $5::text[], $6::integer[], $7::smallint[],
                       $8::smallint[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::integer[],
                       $16::text[], $17::text[], $18::text[], $19::integer[], $20::integer[], $21::boolean[], $22::text[],
                       $23::timestamptz[], $24::timestamptz[])
    AS i(message_id, status, attempt, occurred_at, template_key, template_version, channel, priority, client_id,
         recipient_masked, recipient_hash, recipient, provider, provider_message_id, round, reason, provider_code, detail,
         latency_ms, sms_segments, extra_call, source, accepted_at, next_attempt_at)
), inserted AS (
  INSERT INTO health.message_log (message_id, status, attempt, occurred_at, template_key, template_version, channel, priority,
                                  client_id, recipient_masked, recipient_hash, recipient, provider, provider_message_id, round,
                                  reason, provider_code, detail, latency_ms, sms_segments, extra_call, source, accepted_at,
                                  next_attempt_at)
  SELECT * FROM input
  ON CONFLICT DO NOTHING
  RETURNING message_id, status, attempt, occurred_at, template_key, channel, provider, reason, latency_ms
), joined AS (
  -- One probe of the key per row inserted, whatever the planner thinks of the batch.
  SELECT n.*, e.statuses, e.opened, e.closed, e.unconfirmed, e.failed,
         row_number() OVER (PARTITION BY n.message_id, n.status ORDER BY n.attempt) AS nth
  FROM inserted n
  CROSS JOIN LATERAL (
    SELECT array_agg(l.status) AS statuses,
           bool_or(l.status BETWEEN 13 AND 17) AS opened,
           bool_or(l.status < 13 OR l.status BETWEEN 18 AND 21) AS closed,
           max(l.attempt) FILTER (WHERE l.status = 17) AS unconfirmed,
           max(l.attempt) FILTER (WHERE l.status = 16) AS failed
    FROM health.message_log l WHERE l.message_id = n.message_id) AS e
), counts AS (
  -- Keys that a sender can invent (unknown templates) or that differ per request must not become rows and labels.
  SELECT date_trunc('minute', j.occurred_at, 'UTC') AS minute, j.channel,
         CASE WHEN j.status = 2 THEN '(unknown)' ELSE j.template_key END AS template_key, j.status, j.provider,
         CASE WHEN j.status IN (16, 17, 19, 23, 25) THEN left(j.reason, 64) ELSE '' END AS reason,
         count(*) AS messages, sum(j.latency_ms) AS latency_ms_sum
  FROM joined j
  WHERE j.status = 16 OR (j.nth = 1 AND (j.statuses IS NULL OR j.status <> ALL (j.statuses)))
  GROUP BY 1, 2, 3, 4, 5, 6
), rolled_up AS (
  INSERT INTO health.minute_rollup AS r (minute, channel, template_key, status, provider, reason, messages, latency_ms_sum)
  SELECT minute, channel, template_key, status, provider, reason, messages, latency_ms_sum FROM counts ORDER BY 1, 2, 3, 4, 5, 6
  ON CONFLICT (minute, channel, template_key, status, provider, reason)
  DO UPDATE SET messages = r.messages + excluded.messages, latency_ms_sum = r.latency_ms_sum + excluded.latency_ms_sum
), states AS (
  SELECT max(j.channel) AS channel, health.open_state(bool_or(j.opened), bool_or(j.closed), max(j.unconfirmed), max(j.failed)) AS was,
         health.open_state(bool_or(coalesce(j.opened, false) OR j.status BETWEEN 13 AND 17),
                           bool_or(coalesce(j.closed, false) OR j.status < 13 OR j.status BETWEEN 18 AND 21),
                           max(greatest(j.unconfirmed, CASE WHEN j.status = 17 THEN j.attempt END)),
                           max(greatest(j.failed, CASE WHEN j.status = 16 THEN j.attempt END))) AS is_now
  FROM joined j GROUP BY j.message_id
), moves AS (
  SELECT channel, count(*) FILTER (WHERE is_now = 1) - count(*) FILTER (WHERE was = 1) AS waiting,
         count(*) FILTER (WHERE is_now = 2) - count(*) FILTER (WHERE was = 2) AS held
  FROM states WHERE was <> is_now GROUP BY channel
), moved AS (
  INSERT INTO health.open_messages AS o (channel, waiting, held)
  SELECT channel, waiting, held FROM moves WHERE waiting <> 0 OR held <> 0 ORDER BY channel
  ON CONFLICT (channel) DO UPDATE SET waiting = o.waiting + excluded.waiting, held = o.held + excluded.held
)
SELECT channel, template_key, status, sum(messages)::bigint AS messages FROM counts GROUP BY channel, template_key, status
