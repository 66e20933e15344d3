-- A decision ends PENDING; a failure that delivery reports may come after SENT. Whatever comes twice changes nothing.
UPDATE orchestrator.notification_log l
SET state = o.state, error_message = o.error_message, sent_at = coalesce(o.sent_at, l.sent_at)
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) AS o (message_id, state, error_message, sent_at)
WHERE l.message_id = ANY (ARRAY[o.message_id]) AND (l.state = 'PENDING' OR (l.state = 'SENT' AND o.state = 'FAILED'))
