DELETE FROM dispatcher.receipts_missing WHERE provider = ANY ($1::text[]) RETURNING provider
