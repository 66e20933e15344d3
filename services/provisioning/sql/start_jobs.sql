INSERT INTO provisioning.jobs (id, client_id, status, step, attempts, next_attempt_at, last_error, account_id, client_version, created_at)
SELECT id, client_id, 'RUNNING', 'CREATE_PORTAL_USER', 0, created_at, '', '', 0, created_at
FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS job (id, client_id, created_at)
ON CONFLICT DO NOTHING
RETURNING id, client_id
