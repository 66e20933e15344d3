SELECT pg_advisory_unlock(hashtextextended('carillon.migrate', 0))
