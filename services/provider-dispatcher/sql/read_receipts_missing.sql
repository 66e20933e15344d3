SELECT provider FROM dispatcher.receipts_missing ORDER BY provider
