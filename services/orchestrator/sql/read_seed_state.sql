SELECT t.key, v.seed_hash, t.activated_by = 'seed' AS by_seed,
       (SELECT max(a.version) FROM orchestrator.template_versions a WHERE a.key = t.key) AS newest,
       (SELECT n.seed_hash FROM orchestrator.template_versions n WHERE n.key = t.key AND n.seed_hash IS NOT NULL ORDER BY n.version DESC LIMIT 1) AS newest_seed_hash
FROM orchestrator.templates t JOIN orchestrator.template_versions v ON v.key = t.key AND v.version = t.active_version
