SELECT pg_try_advisory_lock(hashtextextended('carillon.scheduled-jobs', 0))
