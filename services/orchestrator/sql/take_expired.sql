DELETE FROM orchestrator.notification_retry_queue
WHERE message_id = ANY (ARRAY (
  SELECT message_id FROM orchestrator.notification_retry_queue WHERE expires_at <= $1::timestamptz
  ORDER BY expires_at LIMIT $2::integer FOR UPDATE SKIP LOCKED))
RETURNING message_id, priority, turn, seq, dispatch, traceparent
