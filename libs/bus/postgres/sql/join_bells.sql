SELECT pg_advisory_lock_shared(hashtextextended($1::text, 0))
