SELECT pg_advisory_xact_lock(hashtextextended('carillon.provisioning.client_topic', 0))
