INSERT INTO provisioning.job_runs (id, job, scheduled_for, requested_by, requested_at, outcome, tries, clients, items, emails, sms)
VALUES ($1::uuid, $2::text, $3::timestamptz, $4::text, $5::timestamptz, 'REQUESTED', 0, 0, 0, 0, 0)
ON CONFLICT DO NOTHING
RETURNING *
