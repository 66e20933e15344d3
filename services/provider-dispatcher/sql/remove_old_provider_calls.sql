DELETE FROM dispatcher.provider_calls WHERE minute < $1::timestamptz
