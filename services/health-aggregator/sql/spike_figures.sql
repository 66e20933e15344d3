-- Sent (18) and failed (FAILED 19, BOUNCED 23, UNDELIVERED 25) of a window, and what fails most.
WITH w AS MATERIALIZED (
  SELECT status, template_key, reason, messages FROM health.minute_rollup
  WHERE minute >= $1::timestamptz AND minute < $2::timestamptz AND status IN (18, 19, 23, 25)
)
SELECT coalesce(sum(messages) FILTER (WHERE status = 18), 0)::bigint AS sent,
       coalesce(sum(messages) FILTER (WHERE status <> 18), 0)::bigint AS failed,
       coalesce((SELECT template_key FROM w WHERE status <> 18 GROUP BY 1 ORDER BY sum(messages) DESC, 1 LIMIT 1), '') AS top_template,
       coalesce((SELECT reason FROM w WHERE status <> 18 AND reason <> '' GROUP BY 1 ORDER BY sum(messages) DESC, 1 LIMIT 1), '') AS top_reason
FROM w
