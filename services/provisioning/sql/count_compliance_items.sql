SELECT count(*) FROM provisioning.compliance_items WHERE client_id = $1::text
