-- The newest runs of each job.
SELECT r.* FROM unnest($1::text[]) AS j (job)
CROSS JOIN LATERAL (SELECT * FROM provisioning.job_runs r WHERE r.job = j.job ORDER BY requested_at DESC, id DESC LIMIT $2::integer) AS r
ORDER BY r.job, r.requested_at DESC, r.id DESC
