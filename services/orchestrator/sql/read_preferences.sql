SELECT DISTINCT ON (channel, scope) channel, scope, enabled FROM orchestrator.preferences
WHERE client_id = $1::text AND recipient_hash = ANY ($2::text[]) ORDER BY channel, scope, updated_at DESC
