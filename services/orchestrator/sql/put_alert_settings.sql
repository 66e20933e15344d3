UPDATE orchestrator.tenant_notifications
SET email = $2, slack_webhook_url = $3, alerts_json = $4::jsonb, updated_at = $5::timestamptz, updated_by = $6, email_hash = $7
WHERE tenant_id = $1
