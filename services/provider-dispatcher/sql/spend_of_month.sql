SELECT provider, sum(units)::bigint FROM dispatcher.spend WHERE day >= $1::date AND day < $2::date GROUP BY provider
