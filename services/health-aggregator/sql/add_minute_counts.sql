INSERT INTO health.minute_rollup AS r (minute, channel, template_key, status, provider, reason, messages, latency_ms_sum)
SELECT * FROM unnest($1::timestamptz[], $2::smallint[], $3::text[], $4::smallint[], $5::text[], $6::text[], $7::bigint[], $8::bigint[])
  AS c(minute, channel, template_key, status, provider, reason, messages, latency_ms_sum)
ORDER BY 1, 2, 3, 4, 5, 6
ON CONFLICT (minute, channel, template_key, status, provider, reason)
DO UPDATE SET messages = r.messages + excluded.messages, latency_ms_sum = r.latency_ms_sum + excluded.latency_ms_sum
