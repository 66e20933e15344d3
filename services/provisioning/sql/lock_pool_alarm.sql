SELECT pg_try_advisory_xact_lock(hashtextextended('carillon provisioning number pool alarm', 0)),
       EXISTS (SELECT FROM provisioning.number_pool_alarm)
