DELETE FROM provisioning.compliance_reminders
WHERE ctid = ANY (ARRAY (SELECT ctid FROM provisioning.compliance_reminders WHERE sent_at < $1::timestamptz LIMIT $2::integer))
