SELECT EXISTS (SELECT FROM provisioning.number_pool_alarm)
