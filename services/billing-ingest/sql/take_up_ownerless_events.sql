-- A checkout has told whose these are.
UPDATE billing.billing_events SET status = 'PENDING', reason = '', due_at = $3::timestamptz, decided_at = NULL
WHERE status = 'REFUSED' AND reason IN ('UNKNOWN_CUSTOMER', 'UNKNOWN_CLIENT')
  AND (subscription_id = ANY ($1::text[]) OR customer_id = ANY ($2::text[]))
