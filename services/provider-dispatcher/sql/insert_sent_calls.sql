INSERT INTO dispatcher.sent_calls (provider, provider_message_id, message_id, attempt, sent_at)
SELECT c.*, $5::timestamptz FROM unnest($1::text[], $2::text[], $3::uuid[], $4::int[]) AS c
ON CONFLICT DO NOTHING
