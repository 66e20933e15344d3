-- The row as it stands, made empty when there is none, and held until the transaction ends.
INSERT INTO orchestrator.tenant_notifications AS n (tenant_id, email, slack_webhook_url, alerts_json, updated_at, updated_by)
VALUES ($1, '', '', '{}', $2::timestamptz, $3)
ON CONFLICT (tenant_id) DO UPDATE SET tenant_id = n.tenant_id
RETURNING tenant_id, email, slack_webhook_url, alerts_json::text, updated_at, updated_by
