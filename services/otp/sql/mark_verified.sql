INSERT INTO otp.verified_recipients (recipient_hash, verified_at)
SELECT recipient_hash, $2::timestamptz FROM unnest($1::text[]) AS n (recipient_hash) ORDER BY recipient_hash
ON CONFLICT (recipient_hash) DO UPDATE SET verified_at = excluded.verified_at
