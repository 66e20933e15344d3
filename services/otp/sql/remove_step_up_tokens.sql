DELETE FROM otp.step_up_tokens WHERE token_hash = ANY ($1::bytea[])
