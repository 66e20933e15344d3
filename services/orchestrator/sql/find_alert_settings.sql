SELECT tenant_id, email, slack_webhook_url, alerts_json::text, updated_at, updated_by
FROM orchestrator.tenant_notifications WHERE tenant_id = ANY ($1::text[])
