DELETE FROM health.minute_rollup WHERE minute < $1::timestamptz
