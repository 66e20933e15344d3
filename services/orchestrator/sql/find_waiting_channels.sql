SELECT c.channel FROM (VALUES ('EMAIL'), ('SMS')) AS c (channel)
WHERE EXISTS (SELECT FROM orchestrator.notification_retry_queue q WHERE q.channel = c.channel)
