DELETE FROM orchestrator.notification_retry_queue WHERE message_id = $1::uuid
RETURNING message_id, priority, turn, seq, dispatch, traceparent
