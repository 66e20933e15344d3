SELECT * FROM provisioning.jobs WHERE id = $1::uuid FOR UPDATE
