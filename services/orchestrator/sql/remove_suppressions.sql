DELETE FROM orchestrator.suppressions WHERE channel = $1::text AND recipient_hash = ANY ($2::text[]) RETURNING recipient_hash
