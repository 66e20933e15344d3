SELECT DISTINCT time_zone FROM provisioning.clients WHERE NOT deleted
