DELETE FROM dispatcher.alerts WHERE sent_at < $1::timestamptz
