SELECT job, max(ended_at) AS ended_at FROM provisioning.job_runs WHERE outcome = 'DONE' GROUP BY job
