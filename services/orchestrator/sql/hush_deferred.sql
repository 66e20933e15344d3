-- Who expires before its quiet hours are over is looked at then.
UPDATE orchestrator.notification_retry_queue q SET not_before = least(r.until, q.expires_at)
FROM unnest($1::uuid[], $2::timestamptz[]) AS r (message_id, until) WHERE q.message_id = ANY (ARRAY[r.message_id])
