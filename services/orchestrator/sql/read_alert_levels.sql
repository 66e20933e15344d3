SELECT tenant_id, type, raised, observed_at FROM orchestrator.tenant_alert_levels WHERE tenant_id = ANY ($1::text[])
