DELETE FROM identity.login_attempts
WHERE (kind, key) IN (SELECT kind, key FROM identity.login_attempts WHERE began_at < $1::timestamptz LIMIT $2::integer)
