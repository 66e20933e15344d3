UPDATE identity.accounts SET password_hash = $3 WHERE account_id = $1::uuid AND password_hash = $2
