SELECT * FROM provisioning.job_runs WHERE ended_at IS NULL
