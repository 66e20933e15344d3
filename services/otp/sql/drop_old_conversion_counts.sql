DELETE FROM otp.conversion_counts WHERE ctid = ANY (ARRAY(SELECT ctid FROM otp.conversion_counts WHERE minute < $1 LIMIT $2))
