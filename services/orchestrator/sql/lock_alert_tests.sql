SELECT pg_advisory_xact_lock(hashtextextended('orchestrator/alert tests/' || $1::text, 0))
