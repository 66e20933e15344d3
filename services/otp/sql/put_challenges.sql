INSERT INTO otp.challenges (recipient_hash, action, challenge_id, code_mac, issued_at, expires_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::bytea[], $5::timestamptz[], $6::timestamptz[]) AS n (recipient_hash, action, challenge_id, code_mac, issued_at, expires_at)
ORDER BY recipient_hash, action
ON CONFLICT (recipient_hash, action) DO UPDATE
SET challenge_id = excluded.challenge_id, code_mac = excluded.code_mac, issued_at = excluded.issued_at, expires_at = excluded.expires_at
