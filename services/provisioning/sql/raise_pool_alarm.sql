INSERT INTO provisioning.number_pool_alarm (raised_at) VALUES ($1)
