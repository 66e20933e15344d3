SELECT channel, count(*), extract(epoch FROM $1::timestamptz - min(deferred_at))::float8 AS oldest_seconds
FROM orchestrator.notification_retry_queue WHERE not_before IS NULL GROUP BY channel
