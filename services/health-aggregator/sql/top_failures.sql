-- What failed most in a window: FAILED 19, BOUNCED 23, UNDELIVERED 25, and since when in that window.
SELECT template_key, status, reason, sum(messages)::bigint AS messages, min(since) AS since
FROM health.window_counts($1::timestamptz, $2::timestamptz, $3::timestamptz, $4::timestamptz)
WHERE status IN (19, 23, 25)
GROUP BY template_key, status, reason ORDER BY messages DESC, template_key, reason LIMIT $5
