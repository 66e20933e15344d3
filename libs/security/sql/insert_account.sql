INSERT INTO identity.accounts (account_id, email, role, client_id, created_at)
VALUES ($1::uuid, $2, $3, $4, $5::timestamptz) ON CONFLICT (email) DO NOTHING
