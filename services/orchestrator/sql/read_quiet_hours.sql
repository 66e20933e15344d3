SELECT start_minute, end_minute FROM orchestrator.quiet_hours WHERE client_id = $1::text
