INSERT INTO otp.limit_counts AS c (kind, key, version, began_at, current, previous)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[], $5::bigint[], $6::bigint[]) AS n (kind, key, version, began_at, current, previous)
ORDER BY kind, key
ON CONFLICT (kind, key) DO UPDATE
SET version = excluded.version, began_at = excluded.began_at, current = excluded.current, previous = excluded.previous
WHERE c.version = excluded.version - 1
RETURNING key
