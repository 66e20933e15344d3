-- $1, $2: the month; $3: today; $4: where the last whole days begin.
SELECT provider, template_key,
       coalesce(sum(messages) FILTER (WHERE day >= $1::date AND day < $2::date), 0)::bigint,
       coalesce(sum(units) FILTER (WHERE day >= $1::date AND day < $2::date), 0)::bigint,
       coalesce(sum(units) FILTER (WHERE day = $3::date AND day >= $1::date AND day < $2::date), 0)::bigint,
       coalesce(sum(units) FILTER (WHERE day >= $4::date AND day < $3::date), 0)::bigint
FROM dispatcher.spend
WHERE (day >= $1::date AND day < $2::date) OR (day >= $4::date AND day < $3::date)
GROUP BY provider, template_key ORDER BY provider COLLATE "C", template_key COLLATE "C"
