SELECT l.purpose, l.expires_at, l.used_at, a.account_id, a.email, a.role, coalesce(a.client_id, '') AS client_id, a.disabled_at IS NOT NULL AS is_disabled,
       coalesce(a.password_hash, '') AS password_hash
FROM identity.password_links l JOIN identity.accounts a USING (account_id)
WHERE l.token_sha256 = $1::bytea
