SELECT pg_advisory_xact_lock(hashtextextended('carillon provisioning new clients', 7201))
