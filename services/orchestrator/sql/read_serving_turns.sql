-- The turn being served in each priority that has waiting messages.
SELECT p.priority, head.turn
FROM (VALUES (1::smallint), (2::smallint), (3::smallint)) AS p (priority)
CROSS JOIN LATERAL (
  SELECT q.turn FROM orchestrator.notification_retry_queue q
  WHERE q.channel = $1::text AND q.priority = p.priority AND q.not_before IS NULL ORDER BY q.turn, q.seq LIMIT 1
) AS head
