DELETE FROM identity.sessions WHERE account_id = $1::uuid
