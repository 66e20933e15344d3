-- Answers those that are new.
INSERT INTO orchestrator.unsubscribes (channel, recipient_hash, category, reason, message_id, source, created_at)
SELECT DISTINCT ON (channel, recipient_hash, category) *
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[]) AS r (channel, recipient_hash, category, reason, message_id, source, created_at)
ORDER BY channel, recipient_hash, category
ON CONFLICT (channel, recipient_hash, category) DO NOTHING
RETURNING recipient_hash
