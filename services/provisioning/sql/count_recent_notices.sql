SELECT count(*) FROM provisioning.client_notices WHERE job = $1::text AND client_id = $2::text AND sent_at > $3::timestamptz
