INSERT INTO orchestrator.tenant_alert_levels (tenant_id, type, raised, observed_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::boolean[], $4::timestamptz[])
ON CONFLICT (tenant_id, type) DO UPDATE SET raised = excluded.raised, observed_at = excluded.observed_at
