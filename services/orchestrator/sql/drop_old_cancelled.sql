DELETE FROM orchestrator.cancelled_messages
WHERE ctid = ANY (ARRAY (SELECT ctid FROM orchestrator.cancelled_messages WHERE cancelled_at < $1::timestamptz LIMIT $2::integer))
