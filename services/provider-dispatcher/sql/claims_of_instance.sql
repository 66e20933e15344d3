SELECT message_id, provider, priority, round, attempt, array_to_string(tried, ','), extra_call, claim,
       due_at, record_partition, record_seq, traceparent, payload
FROM dispatcher.pending WHERE state = 1 AND claimed_by = $1::bigint ORDER BY message_id LIMIT $2::bigint
