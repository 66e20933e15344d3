SELECT * FROM provisioning.clients WHERE id = ANY ($1::text[]) ORDER BY id
FOR UPDATE
