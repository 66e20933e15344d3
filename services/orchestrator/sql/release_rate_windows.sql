DELETE FROM orchestrator.rate_windows WHERE message_id = ANY ($1::uuid[])
