-- How each provider's calls ended in a window. A round that was the last one logs its call twice: as ATTEMPT_FAILED 16 and
-- as FAILED 19 with ROUNDS_EXHAUSTED. Latency is that of accepted calls.
SELECT provider,
       coalesce(sum(messages) FILTER (WHERE status = 18), 0)::bigint AS accepted,
       coalesce(sum(messages) FILTER (WHERE status IN (16, 17)), 0)::bigint AS failed,
       coalesce(sum(messages) FILTER (WHERE status = 19 AND reason <> 'ROUNDS_EXHAUSTED'), 0)::bigint AS refused,
       coalesce(sum(latency_ms_sum) FILTER (WHERE status = 18), 0)::bigint AS latency_ms
FROM health.window_counts($1::timestamptz, $2::timestamptz, $3::timestamptz, $4::timestamptz)
WHERE provider <> '' AND status IN (16, 17, 18, 19)
GROUP BY provider ORDER BY provider
