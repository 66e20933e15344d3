DELETE FROM otp.limit_counts WHERE ctid = ANY (ARRAY(SELECT ctid FROM otp.limit_counts WHERE began_at < $1 LIMIT $2))
