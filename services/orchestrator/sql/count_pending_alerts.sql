SELECT count(*) FROM orchestrator.notification_log WHERE message_id = ANY ($1::uuid[]) AND state = 'PENDING'
