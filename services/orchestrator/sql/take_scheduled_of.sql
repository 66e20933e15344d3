-- Messages to these recipients that wait for their time, out of the table.
DELETE FROM orchestrator.scheduled_messages s USING (SELECT DISTINCT hash FROM unnest($1::text[]) AS h (hash) WHERE hash <> '') AS a
WHERE s.recipient_hash = a.hash
RETURNING s.message_id, s.request, s.traceparent, s.recipient_hash
