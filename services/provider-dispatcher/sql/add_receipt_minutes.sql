INSERT INTO dispatcher.receipt_minutes AS m (provider, minute, accepted, receipts)
SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::bigint[], $4::bigint[])
ON CONFLICT (provider, minute) DO UPDATE SET accepted = m.accepted + excluded.accepted, receipts = m.receipts + excluded.receipts
