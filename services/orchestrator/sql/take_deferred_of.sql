-- Deferred messages to these recipients, out of the queue. Of those from before there was recipient_hash the reference
-- stands in the dispatch, in clear or sealed, as this member and nowhere else: quotes inside texts are escaped there.
WITH asked AS (SELECT DISTINCT hash FROM unnest($1::text[]) AS h (hash) WHERE hash <> '')
DELETE FROM orchestrator.notification_retry_queue WHERE message_id = ANY (ARRAY (
  SELECT q.message_id FROM orchestrator.notification_retry_queue q WHERE q.recipient_hash = ANY ($1::text[]) AND q.recipient_hash <> ''
  UNION ALL
  SELECT q.message_id FROM orchestrator.notification_retry_queue q JOIN asked a ON position(convert_to('"recipient_hash":"' || a.hash || '"', 'UTF8') IN q.dispatch) > 0
  WHERE q.recipient_hash = ''))
RETURNING dispatch, traceparent
