DELETE FROM orchestrator.tenant_alert_items
WHERE ctid = ANY (ARRAY (SELECT ctid FROM orchestrator.tenant_alert_items WHERE told_at < $1::timestamptz LIMIT $2::integer))
