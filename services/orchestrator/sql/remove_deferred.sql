DELETE FROM orchestrator.notification_retry_queue WHERE message_id = ANY ($1::uuid[])
