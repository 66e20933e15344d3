SELECT event_id, type, status, reason, attempts, created_at, received_at, decided_at, due_at, client_id, customer_id, subscription_id
FROM billing.billing_events
WHERE ($1::text IS NULL OR status = $1) AND ($2::text IS NULL OR client_id = $2)
  AND ($3::timestamptz IS NULL OR (received_at, event_id) < ($3, $4::text))
ORDER BY received_at DESC, event_id DESC LIMIT $5::integer
