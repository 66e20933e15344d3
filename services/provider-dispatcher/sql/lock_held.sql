SELECT message_id, provider, priority, round, attempt, array_to_string(tried, ','), extra_call, coalesce(claim, 0), due_at,
       record_partition, record_seq, traceparent, payload
FROM dispatcher.pending WHERE message_id = $1::uuid AND state = 2 FOR UPDATE
