SELECT pg_try_advisory_lock($1::int, $2::int)
