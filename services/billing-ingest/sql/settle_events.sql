-- Tells of each whether its failure is to be reported: it is DEAD, for the first time.
UPDATE billing.billing_events AS e
SET status = n.status, reason = n.reason, attempts = n.attempts, due_at = n.due_at, client_id = n.client_id, customer_id = n.customer_id,
    subscription_id = n.subscription_id, decided_at = CASE WHEN n.status = 'PENDING' THEN NULL ELSE $9::timestamptz END,
    reported_at = CASE WHEN n.status = 'DEAD' THEN coalesce(e.reported_at, $9::timestamptz) ELSE e.reported_at END
FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::timestamptz[], $6::text[], $7::text[], $8::text[])
  AS n (event_id, status, reason, attempts, due_at, client_id, customer_id, subscription_id)
JOIN billing.billing_events AS before ON before.event_id = ANY (ARRAY[n.event_id])
WHERE e.event_id = ANY (ARRAY[n.event_id])
RETURNING e.event_id, n.status = 'DEAD' AND before.reported_at IS NULL
