SELECT pg_advisory_xact_lock(hashtextextended('carillon provisioning number pool alarm', 0))
