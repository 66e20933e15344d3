-- $1: where the window begins. The last failure is looked for in all that is kept.
SELECT provider, coalesce(sum(calls) FILTER (WHERE minute >= $1::timestamptz), 0)::bigint,
       coalesce(sum(failures) FILTER (WHERE minute >= $1::timestamptz), 0)::bigint,
       coalesce(sum(latency_ms) FILTER (WHERE minute >= $1::timestamptz), 0)::bigint,
       coalesce(max(latency_ms_max) FILTER (WHERE minute >= $1::timestamptz), 0)::bigint, max(last_failure_at)
FROM dispatcher.provider_calls GROUP BY provider
