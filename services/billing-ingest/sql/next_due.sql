SELECT min(due_at) FROM billing.billing_events WHERE status = 'PENDING'
