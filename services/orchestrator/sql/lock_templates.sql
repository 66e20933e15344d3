SELECT pg_advisory_xact_lock(hashtextextended('carillon.orchestrator.templates', 0))
