SELECT pg_advisory_xact_lock(hashtextextended('carillon.orchestrator.throttle.' || $1::text, 0))
