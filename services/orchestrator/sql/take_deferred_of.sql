-- Deferred messages to these recipients, out of the queue. The reference stands in the dispatch, in clear or sealed.
DELETE FROM orchestrator.notification_retry_queue q USING unnest($1::text[]) AS h (hash)
WHERE position(convert_to(h.hash, 'UTF8') IN q.dispatch) > 0
RETURNING q.dispatch, q.traceparent
