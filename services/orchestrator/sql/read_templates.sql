SELECT key, active, meta::text AS meta, active_version FROM orchestrator.templates ORDER BY key
