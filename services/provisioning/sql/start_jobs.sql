-- A client's FAILED job begins anew. Others are not touched, not even locked: whoever runs one locks the client after it.
WITH job AS (
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS job (id, client_id, created_at)
), again AS (
  UPDATE provisioning.jobs AS j SET status = 'RUNNING', step = 'CREATE_PORTAL_USER', attempts = 0, next_attempt_at = job.created_at,
    last_error = '', account_id = '', client_version = 0
  FROM job WHERE j.client_id = job.client_id AND j.status = 'FAILED'
  RETURNING j.id, j.client_id
), fresh AS (
  INSERT INTO provisioning.jobs (id, client_id, status, step, attempts, next_attempt_at, last_error, account_id, client_version, created_at)
  SELECT id, client_id, 'RUNNING', 'CREATE_PORTAL_USER', 0, created_at, '', '', 0, created_at FROM job
  ON CONFLICT DO NOTHING
  RETURNING id, client_id
)
SELECT id, client_id FROM again UNION ALL SELECT id, client_id FROM fresh
