SELECT t.key, t.active, t.active_version, t.meta::text AS meta, (SELECT max(v.version) FROM orchestrator.template_versions v WHERE v.key = t.key) AS newest
FROM orchestrator.templates t WHERE t.key = $1::text OR t.alias = $1::text
ORDER BY t.key <> $1::text LIMIT 1
