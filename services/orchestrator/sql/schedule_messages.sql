-- Those that wait already, taken when they were due, get their new time.
INSERT INTO orchestrator.scheduled_messages (message_id, due_at, priority, turn, fair_key, request_id, place, source, request, traceparent, recipient_hash)
SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::smallint[], $4::bigint[], $5::text[], $6::uuid[], $7::integer[], $8::text[], $9::bytea[], $10::text[], $11::text[])
ON CONFLICT (message_id) DO UPDATE SET due_at = EXCLUDED.due_at, priority = EXCLUDED.priority, turn = EXCLUDED.turn
