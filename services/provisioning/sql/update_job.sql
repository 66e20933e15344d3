UPDATE provisioning.jobs SET status = $2, step = $3, attempts = $4, next_attempt_at = $5::timestamptz, last_error = $6,
  account_id = $7, client_version = $8, finished_at = $9::timestamptz
WHERE id = $1::uuid
