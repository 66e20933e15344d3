DELETE FROM dispatcher.receipt_minutes WHERE minute < $1::timestamptz
