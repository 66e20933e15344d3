DELETE FROM orchestrator.rate_windows
WHERE ctid = ANY (ARRAY (SELECT ctid FROM orchestrator.rate_windows WHERE window_until < $1::timestamptz LIMIT $2::integer))
