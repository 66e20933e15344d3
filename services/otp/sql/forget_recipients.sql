-- What is known of these recipients goes. Wrong codes and a lockout stay: they would otherwise be ended by an erasure.
WITH asked AS (SELECT DISTINCT hash FROM unnest($1::text[]) AS h (hash)),
codes AS (DELETE FROM otp.challenges t USING asked a WHERE t.recipient_hash = ANY (ARRAY[a.hash]) RETURNING a.hash),
verified AS (DELETE FROM otp.verified_recipients t USING asked a WHERE t.recipient_hash = ANY (ARRAY[a.hash]) RETURNING a.hash),
tokens AS (DELETE FROM otp.step_up_tokens t USING asked a WHERE t.recipient_hash = a.hash RETURNING a.hash),
sends AS (DELETE FROM otp.recipients t USING asked a
          WHERE t.recipient_hash = ANY (ARRAY[a.hash]) AND t.failures = 0 AND t.locked_until IS NULL RETURNING a.hash)
SELECT a.hash AS recipient_hash, (SELECT count(*) FROM codes c WHERE c.hash = a.hash) AS codes,
       (SELECT count(*) FROM verified v WHERE v.hash = a.hash) AS verified,
       (SELECT count(*) FROM tokens k WHERE k.hash = a.hash) AS tokens
FROM asked a
