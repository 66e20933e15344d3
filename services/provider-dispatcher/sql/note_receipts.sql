-- Those that were not noted before; one that suppresses says all that one which does not would say.
INSERT INTO dispatcher.noted_receipts (message_id, attempt, kind, suppresses, noted_at)
SELECT r.*, $5::timestamptz FROM unnest($1::uuid[], $2::int[], $3::smallint[], $4::boolean[]) AS r(message_id, attempt, kind, suppresses)
WHERE r.suppresses OR NOT EXISTS (SELECT FROM dispatcher.noted_receipts n
                                  WHERE n.message_id = r.message_id AND n.attempt = r.attempt AND n.kind = r.kind AND n.suppresses OFFSET 0)
ON CONFLICT DO NOTHING
RETURNING message_id, attempt, kind, suppresses::int
