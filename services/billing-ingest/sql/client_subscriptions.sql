SELECT subscription_id, client_id, customer_id, status, plan, email, name, period_end, told_at, told_rank,
       checkout_paid, first_period_open, confirmed, began_at, history
FROM billing.billing_subscriptions WHERE client_id = $1 ORDER BY subscription_id
