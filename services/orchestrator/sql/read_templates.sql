SELECT key, active, meta::text AS meta, active_version, updated_at, updated_by FROM orchestrator.templates ORDER BY key
