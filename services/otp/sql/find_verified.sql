SELECT verified_at FROM otp.verified_recipients WHERE recipient_hash = ANY ($1::text[]) ORDER BY verified_at DESC LIMIT 1
