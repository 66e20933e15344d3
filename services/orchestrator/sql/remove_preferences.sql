DELETE FROM orchestrator.preferences WHERE client_id = $1::text AND recipient_hash = ANY ($2::text[])
