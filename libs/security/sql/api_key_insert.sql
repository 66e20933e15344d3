INSERT INTO identity.api_keys (id, owner, secret_sha256, scopes, created_at)
VALUES ($1, $2, $3::bytea, $4::text[], $5::timestamptz)
