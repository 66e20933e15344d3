DELETE FROM provisioning.client_notices
WHERE ctid = ANY (ARRAY (SELECT ctid FROM provisioning.client_notices WHERE sent_at < $1::timestamptz LIMIT $2::integer))
