INSERT INTO provisioning.compliance_items (id, client_id, name, expires_on, status, status_since, created_at, updated_at)
VALUES ($1::uuid, $2::text, $3::text, $4::date, $5::text, $6::timestamptz, $7::timestamptz, $8::timestamptz)
ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, expires_on = EXCLUDED.expires_on, status = EXCLUDED.status,
  status_since = EXCLUDED.status_since, updated_at = EXCLUDED.updated_at
