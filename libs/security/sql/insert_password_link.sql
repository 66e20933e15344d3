INSERT INTO identity.password_links (token_sha256, account_id, purpose, created_at, expires_at)
VALUES ($1::bytea, $2::uuid, $3, $4::timestamptz, $5::timestamptz)
