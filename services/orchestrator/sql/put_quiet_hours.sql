INSERT INTO orchestrator.quiet_hours (client_id, start_minute, end_minute, updated_at) VALUES ($1::text, $2::integer, $3::integer, $4::timestamptz)
ON CONFLICT (client_id) DO UPDATE SET start_minute = EXCLUDED.start_minute, end_minute = EXCLUDED.end_minute, updated_at = EXCLUDED.updated_at
