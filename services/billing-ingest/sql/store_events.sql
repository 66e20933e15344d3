INSERT INTO billing.billing_events (event_id, type, created_at, rank, received_at, payload, due_at)
SELECT event_id, type, created_at, rank, $6::timestamptz, payload, $6::timestamptz
FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::smallint[], $5::text[]) AS n (event_id, type, created_at, rank, payload)
ORDER BY event_id
ON CONFLICT (event_id) DO NOTHING
RETURNING event_id
