SELECT channel, recipient_hash, category, reason, message_id, source, created_at
FROM (
  SELECT channel, recipient_hash, ''::text AS category, reason, message_id, source, created_at FROM orchestrator.suppressions
  UNION ALL
  SELECT channel, recipient_hash, category, reason, message_id, source, created_at FROM orchestrator.unsubscribes
) AS entry
WHERE ($1::text IS NULL OR channel = $1::text)
  AND ($2::text[] IS NULL OR recipient_hash = ANY ($2::text[]))
  AND ($3::text IS NULL OR reason = $3::text)
  AND ($4::timestamptz IS NULL OR (created_at, channel, recipient_hash, category) < ($4::timestamptz, $5::text, $6::text, $7::text))
ORDER BY created_at DESC, channel DESC, recipient_hash DESC, category DESC
LIMIT $8::integer
