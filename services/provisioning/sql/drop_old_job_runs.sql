DELETE FROM provisioning.job_runs
WHERE ctid = ANY (ARRAY (SELECT ctid FROM provisioning.job_runs WHERE ended_at < $1::timestamptz LIMIT $2::integer))
