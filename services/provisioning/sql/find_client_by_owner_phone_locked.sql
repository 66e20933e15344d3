SELECT * FROM provisioning.clients WHERE owner_phone = $1 AND owner_phone <> '' AND NOT deleted
FOR UPDATE
