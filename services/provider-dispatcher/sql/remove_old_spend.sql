DELETE FROM dispatcher.spend WHERE day < $1::date
