-- Opens windows that are free; answers the messages that got theirs. Give each (template_key, subject) once.
INSERT INTO orchestrator.rate_windows AS w (template_key, subject, message_id, accepted_at, window_until)
SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::timestamptz[], $5::timestamptz[]) AS r (template_key, subject, message_id, accepted_at, window_until)
ORDER BY template_key, subject
ON CONFLICT (template_key, subject) DO UPDATE
  SET message_id = EXCLUDED.message_id, accepted_at = EXCLUDED.accepted_at, window_until = EXCLUDED.window_until
  WHERE w.window_until <= EXCLUDED.accepted_at OR w.message_id = EXCLUDED.message_id
RETURNING message_id
