SELECT to_char(min(day), 'YYYY-MM-DD') FROM dispatcher.spend
