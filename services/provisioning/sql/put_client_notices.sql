INSERT INTO provisioning.client_notices (job, client_id, period, sent_at)
SELECT $1::text, n.*, $4::timestamptz FROM unnest($2::text[], $3::text[]) AS n
