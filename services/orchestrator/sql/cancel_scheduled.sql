DELETE FROM orchestrator.scheduled_messages WHERE message_id = $1::uuid
RETURNING message_id, request_id, place, request, traceparent
