-- Messages to these recipients that wait for their time, out of the table.
DELETE FROM orchestrator.scheduled_messages s USING (SELECT DISTINCT hash FROM unnest($1::text[]) AS h (hash)) AS a
WHERE s.recipient_hash = a.hash AND s.recipient_hash <> ''
RETURNING s.message_id, s.request, s.traceparent, s.recipient_hash, s.template_key, s.channel
