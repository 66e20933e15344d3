-- Requests that were accepted when the message got its id, which holds the time, or soon after: the index by age finds
-- them.
SELECT source, message_id, message_count FROM orchestrator.idempotency_keys
WHERE accepted_at BETWEEN $2::timestamptz AND $3::timestamptz AND left(message_id::text, 18) = left($1::text, 18)
