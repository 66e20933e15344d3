-- Messages to these recipients that wait for their time, out of the table.
DELETE FROM orchestrator.scheduled_messages WHERE recipient_hash = ANY ($1::text[]) AND recipient_hash <> ''
RETURNING message_id, request, traceparent, recipient_hash, template_key, channel
