DELETE FROM identity.password_links
WHERE token_sha256 IN (SELECT token_sha256 FROM identity.password_links WHERE expires_at < $1::timestamptz LIMIT $2::integer)
