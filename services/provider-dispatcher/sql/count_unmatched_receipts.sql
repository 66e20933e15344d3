SELECT count(*) FROM dispatcher.unmatched_receipts
