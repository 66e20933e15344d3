-- All subscriptions of every client that one of these ids leads to.
WITH clients AS (
  SELECT client_id FROM billing.billing_subscriptions WHERE subscription_id = ANY ($1::text[])
  UNION SELECT client_id FROM billing.billing_subscriptions WHERE customer_id = ANY ($2::text[])
  UNION SELECT unnest($3::text[]))
SELECT s.subscription_id, s.client_id, s.customer_id, s.status, s.plan, s.email, s.name, s.period_end, s.told_at, s.told_rank,
       s.checkout_paid, s.first_period_open, s.confirmed, s.began_at, s.history
FROM clients CROSS JOIN LATERAL (SELECT * FROM billing.billing_subscriptions b WHERE b.client_id = clients.client_id OFFSET 0) AS s
ORDER BY s.subscription_id
