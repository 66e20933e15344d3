DELETE FROM provisioning.compliance_items WHERE client_id = $1::text AND id = $2::uuid
