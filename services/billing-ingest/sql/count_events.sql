SELECT count(*) FILTER (WHERE status = 'PENDING'), count(*) FILTER (WHERE status = 'DEAD')
FROM billing.billing_events WHERE status IN ('PENDING', 'DEAD')
