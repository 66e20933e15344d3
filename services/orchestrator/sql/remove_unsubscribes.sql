DELETE FROM orchestrator.unsubscribes
WHERE channel = $1::text AND recipient_hash = ANY ($2::text[]) AND category = $3::text
RETURNING recipient_hash
