INSERT INTO billing.billing_subscriptions (subscription_id, client_id, customer_id, status, plan, email, name, period_end, told_at, told_rank,
  awaited_status, checkout_paid, first_period_open, confirmed, began_at, changed_at)
SELECT n.*, $16::timestamptz
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::timestamptz[], $10::smallint[],
  $11::text[], $12::boolean[], $13::boolean[], $14::text[], $15::timestamptz[]) AS n
ON CONFLICT (subscription_id) DO UPDATE
SET client_id = excluded.client_id, customer_id = excluded.customer_id, status = excluded.status, plan = excluded.plan, email = excluded.email,
    name = excluded.name, period_end = excluded.period_end, told_at = excluded.told_at, told_rank = excluded.told_rank,
    awaited_status = excluded.awaited_status, checkout_paid = excluded.checkout_paid, first_period_open = excluded.first_period_open,
    confirmed = excluded.confirmed, began_at = excluded.began_at, changed_at = excluded.changed_at
