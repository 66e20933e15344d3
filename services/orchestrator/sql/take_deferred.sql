-- Locked until the transaction ends, which removes them or has them keep quiet.
SELECT message_id, priority, turn, seq, dispatch, traceparent FROM orchestrator.notification_retry_queue
WHERE channel = $1::text AND not_before IS NULL
ORDER BY priority, turn, seq LIMIT $2::integer FOR UPDATE SKIP LOCKED
