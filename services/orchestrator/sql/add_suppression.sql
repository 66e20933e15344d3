-- The entry as it stands then, and whether this made it. No row: another transaction made it at the same moment.
WITH added AS (
  INSERT INTO orchestrator.suppressions (channel, recipient_hash, reason, message_id, created_at, source)
  VALUES ($1::text, $2::text, $3::text, '', $4::timestamptz, $5::text)
  ON CONFLICT (channel, recipient_hash) DO NOTHING
  RETURNING channel, recipient_hash, ''::text AS category, reason, message_id, source, created_at)
SELECT true AS is_new, channel, recipient_hash, category, reason, message_id, source, created_at FROM added
UNION ALL
SELECT false, channel, recipient_hash, '', reason, message_id, source, created_at
FROM orchestrator.suppressions WHERE channel = $1::text AND recipient_hash = $2::text
