SELECT s.session_id, s.account_id, a.email, a.role, coalesce(a.client_id, '') AS client_id, s.expires_at, s.last_seen_at
FROM identity.sessions s JOIN identity.accounts a USING (account_id)
WHERE s.token_sha256 = $1::bytea AND s.expires_at > $2::timestamptz AND s.last_seen_at > $3::timestamptz AND a.disabled_at IS NULL
