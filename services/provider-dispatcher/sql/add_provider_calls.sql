INSERT INTO dispatcher.provider_calls AS c (minute, provider, calls, failures, latency_ms, latency_ms_max, last_failure_at)
SELECT x.minute, x.provider, x.calls, x.failures, x.latency_ms, x.latency_ms_max, x.last_failure_at
FROM unnest($1::timestamptz[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::timestamptz[])
  AS x(minute, provider, calls, failures, latency_ms, latency_ms_max, last_failure_at)
ORDER BY x.minute, x.provider COLLATE "C"
ON CONFLICT (minute, provider) DO UPDATE SET
  calls = c.calls + excluded.calls, failures = c.failures + excluded.failures,
  latency_ms = c.latency_ms + excluded.latency_ms, latency_ms_max = greatest(c.latency_ms_max, excluded.latency_ms_max),
  last_failure_at = greatest(c.last_failure_at, excluded.last_failure_at)
