SELECT channel, count(*), extract(epoch FROM $1::timestamptz - min(deferred_at))::float8 AS oldest_seconds
FROM orchestrator.notification_retry_queue GROUP BY channel
