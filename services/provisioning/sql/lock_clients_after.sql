SELECT * FROM provisioning.clients WHERE id > $1 ORDER BY id LIMIT $2::integer FOR UPDATE
