SELECT v.version, v.created_at, v.created_by, coalesce(a.email, '') AS created_email, v.seed_hash IS NOT NULL AS seeded, v.based_on,
       array_to_string(ARRAY (SELECT b.locale FROM orchestrator.template_bodies b WHERE b.key = v.key AND b.version = v.version ORDER BY b.locale), ',') AS locales
FROM orchestrator.template_versions v LEFT JOIN identity.accounts a ON v.created_by = 'account:' || a.account_id
WHERE v.key = $1::text ORDER BY v.version DESC
