SELECT account_id FROM identity.accounts
WHERE account_id = (SELECT account_id FROM identity.password_links WHERE token_sha256 = $1::bytea)
FOR UPDATE
