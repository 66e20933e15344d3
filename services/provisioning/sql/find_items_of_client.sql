SELECT name, expires_on::text AS expires_on, status FROM provisioning.compliance_items WHERE client_id = $1::text ORDER BY expires_on, id
