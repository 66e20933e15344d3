SELECT pg_advisory_lock(hashtextextended('carillon.migrate', 0))
