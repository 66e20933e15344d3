INSERT INTO otp.step_up_tokens (token_hash, recipient_hash, expires_at)
SELECT * FROM unnest($1::bytea[], $2::text[], $3::timestamptz[]) AS n (token_hash, recipient_hash, expires_at)
