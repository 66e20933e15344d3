SELECT EXISTS (SELECT FROM provisioning.clients)
