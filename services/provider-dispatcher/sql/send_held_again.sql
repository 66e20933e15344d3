UPDATE dispatcher.pending SET state = 0, provider = $2::text, due_at = $3::timestamptz, tried = '{}', extra_call = true
WHERE message_id = $1::uuid AND state = 2
