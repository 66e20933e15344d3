SELECT account_id, email, role, coalesce(client_id, '') AS client_id, disabled_at IS NOT NULL AS is_disabled, coalesce(password_hash, '') AS password_hash
FROM identity.accounts WHERE email = $1
