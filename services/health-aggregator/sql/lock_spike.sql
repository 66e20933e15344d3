SELECT pg_try_advisory_xact_lock(hashtextextended('carillon health spike', 0))
