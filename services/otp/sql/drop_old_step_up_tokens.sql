DELETE FROM otp.step_up_tokens WHERE ctid = ANY (ARRAY(SELECT ctid FROM otp.step_up_tokens WHERE expires_at < $1 LIMIT $2))
