-- $1 now: what was accepted five to ten minutes ago, what came since, and whether anything came within a day.
SELECT provider,
       coalesce(sum(accepted) FILTER (WHERE minute >= $1::timestamptz - interval '10 minutes' AND minute < $1::timestamptz - interval '5 minutes'), 0)::bigint,
       coalesce(sum(receipts) FILTER (WHERE minute >= $1::timestamptz - interval '10 minutes'), 0)::bigint,
       bool_or(receipts > 0)
FROM dispatcher.receipt_minutes WHERE minute >= $1::timestamptz - interval '24 hours'
GROUP BY provider ORDER BY provider
