-- Counts by bucket (minutes since 1970 divided by the bucket's minutes), channel and status.
SELECT (extract(epoch FROM minute)::bigint / 60 / $3::bigint) AS bucket, channel, status, sum(messages)::bigint AS messages
FROM health.minute_rollup
WHERE minute >= $1::timestamptz AND minute < $2::timestamptz
GROUP BY 1, 2, 3
