DELETE FROM dispatcher.pending p WHERE p.message_id = $1::uuid AND p.state = 2
RETURNING p.message_id, p.provider, p.priority, p.round, p.attempt, array_to_string(p.tried, ','), p.extra_call,
          coalesce(p.claim, 0), p.due_at, p.record_partition, p.record_seq, p.traceparent, p.payload
