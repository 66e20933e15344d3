DELETE FROM orchestrator.parked_requests WHERE message_id = $1::uuid RETURNING message_id, request, traceparent
