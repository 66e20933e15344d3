SELECT add_topic('tenant.alerts.v1', 'tenant_alerts', 'events');
SELECT add_topic('tenant.alerts.v1.dlq', 'tenant_alerts_dlq', 'dead_letters');
SELECT add_days(2);
