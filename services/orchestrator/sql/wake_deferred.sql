-- Whose quiet hours are over waits for the throttle again, since then.
UPDATE orchestrator.notification_retry_queue SET deferred_at = not_before, not_before = NULL
WHERE message_id = ANY (ARRAY (
  SELECT message_id FROM orchestrator.notification_retry_queue WHERE channel = $1::text AND not_before <= $2::timestamptz
  ORDER BY not_before, priority, turn, seq LIMIT $3::integer FOR UPDATE SKIP LOCKED))
