DELETE FROM identity.sessions
WHERE session_id IN (SELECT session_id FROM identity.sessions WHERE account_id = $1::uuid ORDER BY last_seen_at DESC OFFSET $2::integer)
