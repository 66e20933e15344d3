-- An event that was applied, or is under way, is left alone.
UPDATE billing.billing_events
SET status = 'PENDING', reason = '', attempts = 0, due_at = $2::timestamptz, decided_at = NULL
WHERE event_id = $1 AND status IN ('DEAD', 'REFUSED', 'IGNORED', 'STALE')
RETURNING type, client_id
