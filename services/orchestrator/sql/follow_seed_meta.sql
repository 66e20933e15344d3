-- Gates, window and variables are the program's, whoever wrote the words; the switch and the active version stay.
UPDATE orchestrator.templates SET alias = $2::text, channel = $3::text, audience = $4::text, category = $5::text, meta = $6::jsonb WHERE key = $1::text
