UPDATE identity.accounts SET password_hash = $2, password_changed_at = $3::timestamptz WHERE account_id = $1::uuid
