-- Figures by bucket (minutes since 1970 divided by the bucket's minutes) and channel.
SELECT (extract(epoch FROM minute)::bigint / 60 / $3::bigint) AS bucket, channel, sum(sent)::bigint AS sent,
       sum(failed)::bigint AS failed, sum(throttled)::bigint AS throttled
FROM health.minute_figures
WHERE minute >= $1::timestamptz AND minute < $2::timestamptz
GROUP BY 1, 2
