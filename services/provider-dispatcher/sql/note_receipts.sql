-- Those that were not noted before.
INSERT INTO dispatcher.noted_receipts (message_id, attempt, kind, noted_at)
SELECT r.*, $4::timestamptz FROM unnest($1::uuid[], $2::int[], $3::smallint[]) AS r
ON CONFLICT DO NOTHING
RETURNING message_id, attempt, kind
