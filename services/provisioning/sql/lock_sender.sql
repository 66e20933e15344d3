-- Two messages of one sender are handled one after the other, also when there is no row yet that could be locked.
SELECT pg_advisory_xact_lock(hashtextextended($1, 7201))
