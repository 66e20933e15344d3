SELECT source FROM orchestrator.cancelled_messages WHERE message_id = $1::uuid
