SELECT recipient_hash, action, challenge_id, code_mac, issued_at, expires_at
FROM otp.challenges WHERE recipient_hash = ANY ($1::text[])
