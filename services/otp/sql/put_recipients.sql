-- Fewer rows come back than were given when another transaction has written one in between.
INSERT INTO otp.recipients AS r (recipient_hash, version, sends, failures, locked_until, changed_at)
SELECT recipient_hash, version, string_to_array(sends, ',')::bigint[], failures, locked_until, $6::timestamptz
FROM unnest($1::text[], $2::bigint[], $3::text[], $4::integer[], $5::timestamptz[]) AS n (recipient_hash, version, sends, failures, locked_until)
ORDER BY recipient_hash
ON CONFLICT (recipient_hash) DO UPDATE
SET version = excluded.version, sends = excluded.sends, failures = excluded.failures,
    locked_until = excluded.locked_until, changed_at = excluded.changed_at
WHERE r.version = excluded.version - 1
RETURNING recipient_hash
