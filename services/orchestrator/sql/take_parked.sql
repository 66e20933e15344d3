DELETE FROM orchestrator.parked_requests
WHERE message_id = ANY (ARRAY (SELECT message_id FROM orchestrator.parked_requests WHERE message_id = ANY ($1::uuid[]) FOR UPDATE SKIP LOCKED))
RETURNING message_id, request, traceparent
