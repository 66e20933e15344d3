-- Who keeps quiet doesn't wait for the throttle until that is over.
SELECT c.channel FROM (VALUES ('EMAIL'), ('SMS')) AS c (channel)
WHERE EXISTS (SELECT FROM orchestrator.notification_retry_queue q WHERE q.channel = c.channel AND q.not_before IS NULL)
   OR EXISTS (SELECT FROM orchestrator.notification_retry_queue q WHERE q.channel = c.channel AND q.not_before <= $1::timestamptz)
