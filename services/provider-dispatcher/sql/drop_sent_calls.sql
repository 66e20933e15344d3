DELETE FROM dispatcher.sent_calls s
USING (SELECT provider, provider_message_id FROM dispatcher.sent_calls WHERE sent_at < $1::timestamptz
       ORDER BY sent_at LIMIT $2::bigint FOR UPDATE SKIP LOCKED) AS old
WHERE s.provider = ANY (ARRAY[old.provider]) AND s.provider_message_id = old.provider_message_id
