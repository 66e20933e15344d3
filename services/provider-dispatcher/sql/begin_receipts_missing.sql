-- Those that were not missing before.
INSERT INTO dispatcher.receipts_missing (provider, since) SELECT p, $2::timestamptz FROM unnest($1::text[]) AS p ORDER BY p
ON CONFLICT DO NOTHING
RETURNING provider
