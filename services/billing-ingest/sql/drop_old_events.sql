DELETE FROM billing.billing_events
WHERE event_id IN (SELECT event_id FROM billing.billing_events
                   WHERE received_at < $1::timestamptz AND status NOT IN ('PENDING', 'DEAD') ORDER BY received_at LIMIT $2::integer)
