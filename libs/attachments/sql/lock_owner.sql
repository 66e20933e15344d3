SELECT pg_advisory_xact_lock(hashtextextended('carillon.attachments.' || $1::text, 0))
