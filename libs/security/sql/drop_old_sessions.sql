DELETE FROM identity.sessions
WHERE session_id IN (SELECT session_id FROM identity.sessions WHERE expires_at <= $1::timestamptz OR last_seen_at <= $2::timestamptz LIMIT $3::integer)
