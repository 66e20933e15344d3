-- As claiming queries return rows.
SELECT message_id, provider, priority, round, attempt, array_to_string(tried, ','), extra_call, coalesce(claim, 0), due_at,
       record_partition, record_seq, traceparent, payload
FROM dispatcher.pending WHERE state = 2 ORDER BY due_at, message_id LIMIT $1::bigint
