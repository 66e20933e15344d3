INSERT INTO identity.sessions (session_id, token_sha256, account_id, started_at, last_seen_at, expires_at)
VALUES ($1::uuid, $2::bytea, $3::uuid, $4::timestamptz, $4::timestamptz, $5::timestamptz)
