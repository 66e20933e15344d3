INSERT INTO billing.billing_subscriptions (subscription_id, client_id, customer_id, status, plan, email, name, period_end, told_at, told_rank,
  checkout_paid, first_period_open, confirmed, began_at, history, changed_at)
SELECT n.*, $16::timestamptz
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::timestamptz[], $10::smallint[],
  $11::boolean[], $12::boolean[], $13::text[], $14::timestamptz[], $15::text[]) AS n
ON CONFLICT (subscription_id) DO UPDATE
SET client_id = excluded.client_id, customer_id = excluded.customer_id, status = excluded.status, plan = excluded.plan, email = excluded.email,
    name = excluded.name, period_end = excluded.period_end, told_at = excluded.told_at, told_rank = excluded.told_rank,
    checkout_paid = excluded.checkout_paid, first_period_open = excluded.first_period_open,
    confirmed = excluded.confirmed, began_at = excluded.began_at, history = excluded.history, changed_at = excluded.changed_at
