SELECT event_id, type, status, reason, attempts, created_at, received_at, decided_at, due_at, client_id, customer_id, subscription_id, payload
FROM billing.billing_events WHERE event_id = $1
