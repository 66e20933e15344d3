SELECT r.priority, r.fair_key, last.turn
FROM unnest($2::smallint[], $3::text[]) AS r (priority, fair_key)
CROSS JOIN LATERAL (
  SELECT q.turn FROM orchestrator.notification_retry_queue q
  WHERE q.channel = $1::text AND q.priority = r.priority AND q.fair_key = r.fair_key AND q.not_before IS NULL ORDER BY q.turn DESC LIMIT 1
) AS last
