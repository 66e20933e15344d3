SELECT count(DISTINCT recipient_hash) FROM orchestrator.preferences WHERE client_id = $1::text AND recipient_hash <> ''
