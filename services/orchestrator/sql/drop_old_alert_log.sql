DELETE FROM orchestrator.notification_log
WHERE ctid = ANY (ARRAY (SELECT ctid FROM orchestrator.notification_log WHERE created_at < $1::timestamptz LIMIT $2::integer))
