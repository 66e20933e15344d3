INSERT INTO orchestrator.cancelled_messages (message_id, source, cancelled_at)
SELECT c.message_id, c.source, $3::timestamptz FROM unnest($1::uuid[], $2::text[]) AS c (message_id, source)
ON CONFLICT (message_id) DO NOTHING
