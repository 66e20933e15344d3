SELECT message_id, channel, type, payload_json::text, state, sent, error_message, created_at FROM orchestrator.notification_log
WHERE tenant_id = $1 AND ($2::timestamptz IS NULL OR (created_at, message_id) < ($2::timestamptz, $3::uuid))
ORDER BY created_at DESC, message_id DESC LIMIT $4::integer
