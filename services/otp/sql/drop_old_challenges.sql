DELETE FROM otp.challenges WHERE ctid = ANY (ARRAY(SELECT ctid FROM otp.challenges WHERE expires_at < $1 LIMIT $2))
