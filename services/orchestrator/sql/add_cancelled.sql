INSERT INTO orchestrator.cancelled_messages (message_id, source, cancelled_at) VALUES ($1::uuid, $2::text, $3::timestamptz)
ON CONFLICT (message_id) DO NOTHING
