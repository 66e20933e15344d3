-- One that is due and that no other instance is at.
SELECT erasure_id, array_to_string(recipient_hashes, ',') AS recipient_hashes, requested_at, due_at, messages
FROM health.erasures WHERE due_at <= $1 ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
