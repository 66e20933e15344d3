-- One instance at a time decides events: what one sees of a client no other changes meanwhile.
SELECT pg_try_advisory_xact_lock(hashtextextended('carillon billing events', 0))
