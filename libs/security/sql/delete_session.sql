DELETE FROM identity.sessions WHERE session_id = $1::uuid
