INSERT INTO provisioning.compliance_reminders (item_id, expires_on, window_days, client_id, mail_date, sent_at)
SELECT r.*, $6::timestamptz FROM unnest($1::uuid[], $2::date[], $3::integer[], $4::text[], $5::date[]) AS r
