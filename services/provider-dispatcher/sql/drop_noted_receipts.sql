DELETE FROM dispatcher.noted_receipts n
USING (SELECT message_id, attempt, kind, suppresses FROM dispatcher.noted_receipts WHERE noted_at < $1::timestamptz
       ORDER BY noted_at LIMIT $2::bigint FOR UPDATE SKIP LOCKED) AS old
WHERE n.message_id = ANY (ARRAY[old.message_id]) AND n.attempt = old.attempt AND n.kind = old.kind AND n.suppresses = old.suppresses
