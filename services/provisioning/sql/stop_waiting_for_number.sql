DELETE FROM provisioning.number_waiting WHERE client_id = $1
