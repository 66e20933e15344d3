SELECT add_topic('billing.events.v1', 'billing_events', 'events');
SELECT add_topic('billing.events.v1.dlq', 'billing_events_dlq', 'dead_letters');
SELECT add_days(2);
