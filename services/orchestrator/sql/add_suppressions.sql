INSERT INTO orchestrator.suppressions (channel, recipient_hash, reason, message_id, created_at)
SELECT DISTINCT ON (channel, recipient_hash) * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[]) AS r (channel, recipient_hash, reason, message_id, created_at)
ORDER BY channel, recipient_hash
ON CONFLICT (channel, recipient_hash) DO NOTHING
