-- Those that wait already, taken when they were due, get their new time. To whom they go may have changed meanwhile.
INSERT INTO orchestrator.scheduled_messages (message_id, due_at, priority, turn, fair_key, request_id, place, source, request, traceparent, recipient_hash, template_key, channel)
SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::smallint[], $4::bigint[], $5::text[], $6::uuid[], $7::integer[], $8::text[], $9::bytea[], $10::text[], $11::text[], $12::text[], $13::text[])
ON CONFLICT (message_id) DO UPDATE
  SET due_at = EXCLUDED.due_at, priority = EXCLUDED.priority, turn = EXCLUDED.turn, recipient_hash = EXCLUDED.recipient_hash,
      template_key = EXCLUDED.template_key, channel = EXCLUDED.channel
