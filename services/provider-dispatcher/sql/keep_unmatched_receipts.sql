INSERT INTO dispatcher.unmatched_receipts (provider, provider_message_id, kind, suppress, recipient_hash, reason,
                                           provider_code, detail, occurred_at, received_at)
SELECT r.*, $10::timestamptz
FROM unnest($1::text[], $2::text[], $3::smallint[], $4::smallint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[]) AS r
ON CONFLICT DO NOTHING
RETURNING 1
