SELECT event_id, attempts, received_at, payload
FROM billing.billing_events
WHERE status = 'PENDING' AND due_at <= $1::timestamptz
ORDER BY created_at, rank, event_id LIMIT $2::integer
