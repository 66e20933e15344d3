SELECT r.ordinal, c.version, c.began_at, c.current, c.previous
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS r (kind, key, ordinal)
JOIN otp.limit_counts c ON c.kind = ANY (ARRAY[r.kind]) AND c.key = r.key
ORDER BY r.kind, r.key FOR UPDATE OF c
