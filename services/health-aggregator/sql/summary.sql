-- Everything of a window's summary in one read. failed = FAILED 19, BOUNCED 23, UNDELIVERED 25.
WITH w AS MATERIALIZED (
  SELECT channel, status, template_key, reason, provider, messages
  FROM health.window_counts($1::timestamptz, $2::timestamptz, $3::timestamptz, $4::timestamptz)
  WHERE status IN (15, 18, 19, 22, 23, 24, 25)
)
SELECT 'status' AS kind, channel, status, '' AS key, sum(messages)::bigint AS messages FROM w
WHERE status NOT IN (22, 24) GROUP BY channel, status
UNION ALL
(SELECT 'template', 0, 0, template_key, sum(messages)::bigint FROM w WHERE status IN (19, 23, 25)
 GROUP BY template_key ORDER BY 5 DESC, 4 LIMIT $5)
UNION ALL
(SELECT 'reason', 0, 0, reason, sum(messages)::bigint FROM w WHERE status IN (19, 23, 25)
 GROUP BY reason ORDER BY 5 DESC, 4 LIMIT $5)
UNION ALL
(SELECT 'provider', 0, status, provider, sum(messages)::bigint FROM w
 WHERE provider <> '' AND status IN (18, 22, 23, 24, 25) GROUP BY provider, status ORDER BY provider, status)
