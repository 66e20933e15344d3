SELECT recipient_hash, version, array_to_string(sends, ','), failures, locked_until
FROM otp.recipients WHERE recipient_hash = ANY ($1::text[])
ORDER BY recipient_hash FOR UPDATE
