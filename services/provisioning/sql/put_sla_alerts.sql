INSERT INTO provisioning.compliance_sla_alerts (item_id, breach, since, alerted_at)
SELECT a.*, $4::timestamptz FROM unnest($1::uuid[], $2::text[], $3::date[]) AS a
