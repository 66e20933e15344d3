SELECT pg_advisory_xact_lock(hashtextextended('carillon.orchestrator.preferences.' || $1::text, 0))
