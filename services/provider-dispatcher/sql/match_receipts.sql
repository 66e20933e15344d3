SELECT r.place, s.message_id, s.attempt
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS r(provider, provider_message_id, place)
JOIN dispatcher.sent_calls s ON s.provider = ANY (ARRAY[r.provider]) AND s.provider_message_id = r.provider_message_id
