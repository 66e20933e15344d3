SELECT count(DISTINCT created_at) FROM orchestrator.notification_log
WHERE tenant_id = $1 AND type = $2 AND created_at > $3::timestamptz
