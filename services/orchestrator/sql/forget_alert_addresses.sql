-- Alerts go to these recipients no more; the tenant's other settings stay. How many addresses there were. The log of
-- alerts holds none.
WITH gone AS (
  UPDATE orchestrator.tenant_notifications SET email = '', email_hash = ''
  WHERE email_hash = ANY ($1::text[]) AND email_hash <> ''
  RETURNING tenant_id
)
SELECT count(*) AS addresses FROM gone
