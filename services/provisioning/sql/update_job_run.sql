UPDATE provisioning.job_runs SET started_at = $2::timestamptz, ended_at = $3::timestamptz, outcome = $4::text, tries = $5::integer,
  clients = $6::integer, items = $7::integer, emails = $8::integer, sms = $9::integer
WHERE id = $1::uuid
