SELECT t.key, t.active_version, v.seed_hash, (SELECT max(a.version) FROM orchestrator.template_versions a WHERE a.key = t.key) AS newest
FROM orchestrator.templates t JOIN orchestrator.template_versions v ON v.key = t.key AND v.version = t.active_version
