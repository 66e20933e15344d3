SELECT count(*)::int FROM pg_locks, hashtextextended($1::text, 0) AS key
WHERE locktype = 'advisory' AND objsubid = 1 AND granted
  AND classid = ((key >> 32) & 4294967295)::oid AND objid = (key & 4294967295)::oid
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
