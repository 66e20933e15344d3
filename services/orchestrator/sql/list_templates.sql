-- '': all of them; else the one with this key, or else alias.
SELECT t.key, t.active, t.meta::text AS meta, t.active_version, t.updated_at, t.updated_by, coalesce(a.email, '') AS updated_email
FROM orchestrator.templates t LEFT JOIN identity.accounts a ON t.updated_by = 'account:' || a.account_id
WHERE $1::text IN ('', t.key, nullif(t.alias, '')) ORDER BY t.key = $1::text DESC, t.key
