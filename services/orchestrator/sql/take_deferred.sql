DELETE FROM orchestrator.notification_retry_queue
WHERE message_id = ANY (ARRAY (
  SELECT message_id FROM orchestrator.notification_retry_queue WHERE channel = $1::text ORDER BY priority, turn, seq LIMIT $2::integer))
RETURNING message_id, priority, turn, seq, dispatch, traceparent
