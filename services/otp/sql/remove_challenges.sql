DELETE FROM otp.challenges c USING unnest($1::text[], $2::text[]) AS r (recipient_hash, action)
WHERE c.recipient_hash = ANY (ARRAY[r.recipient_hash]) AND c.action = r.action
