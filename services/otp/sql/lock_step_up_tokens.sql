SELECT token_hash, recipient_hash, expires_at FROM otp.step_up_tokens WHERE token_hash = ANY ($1::bytea[])
ORDER BY token_hash FOR UPDATE
