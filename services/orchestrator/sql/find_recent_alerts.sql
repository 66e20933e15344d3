-- What counts for the debounce: sent, or on its way. What failed or was blocked does not.
SELECT tenant_id, type, max(created_at) FROM orchestrator.notification_log
WHERE tenant_id = ANY ($1::text[]) AND type = ANY ($2::text[]) AND created_at > $3::timestamptz AND state IN ('PENDING', 'SENT')
GROUP BY tenant_id, type
