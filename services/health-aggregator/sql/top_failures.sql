-- What failed most in [$1, $2): FAILED 19, BOUNCED 23, UNDELIVERED 25, and since when in that window.
SELECT template_key, status, reason, sum(messages)::bigint AS messages, min(minute) AS since
FROM health.minute_rollup
WHERE minute >= $1::timestamptz AND minute < $2::timestamptz AND status IN (19, 23, 25)
GROUP BY template_key, status, reason ORDER BY messages DESC, template_key, reason LIMIT $3
