-- $2: those that were given up, which somebody may still want to look into.
DELETE FROM billing.billing_events
WHERE event_id = ANY (ARRAY (SELECT event_id FROM billing.billing_events
                   WHERE (received_at < $1::timestamptz AND status NOT IN ('PENDING', 'DEAD')) OR (received_at < $2::timestamptz AND status = 'DEAD')
                   ORDER BY received_at LIMIT $3::integer))
