INSERT INTO orchestrator.preferences (client_id, recipient_hash, channel, scope, enabled, updated_at)
SELECT $1::text, $2::text, r.channel, r.scope, r.enabled, $3::timestamptz
FROM unnest($4::text[], $5::text[], $6::boolean[]) AS r (channel, scope, enabled)
