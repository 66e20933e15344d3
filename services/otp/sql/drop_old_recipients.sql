DELETE FROM otp.recipients WHERE ctid = ANY (ARRAY(SELECT ctid FROM otp.recipients WHERE (failures = 0 OR locked_until < $2) AND changed_at < $1 LIMIT $3))
