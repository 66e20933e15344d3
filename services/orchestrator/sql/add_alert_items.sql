INSERT INTO orchestrator.tenant_alert_items (tenant_id, type, item, told_at)
SELECT tenant_id, type, item, $4::timestamptz FROM unnest($1::text[], $2::text[], $3::text[]) AS n (tenant_id, type, item)
ON CONFLICT DO NOTHING
