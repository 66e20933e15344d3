WITH moved AS MATERIALIZED (
  SELECT message_id FROM dispatcher.pending
  WHERE state = 0 AND provider = $1::text AND channel = $2::text AND due_at <= $3::timestamptz AND NOT ($4::text = ANY (tried))
  ORDER BY priority, due_at, message_id LIMIT $5::bigint FOR UPDATE SKIP LOCKED
)
UPDATE dispatcher.pending p SET provider = $4::text FROM moved WHERE p.message_id = ANY (ARRAY[moved.message_id])
