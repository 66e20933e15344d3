-- Rows are locked in this order, so batches of several instances wait for each other and never in a circle.
INSERT INTO dispatcher.spend AS s (day, provider, template_key, messages, units)
SELECT $1::date, x.provider, x.template_key, x.messages, x.units
FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[]) AS x(provider, template_key, messages, units)
ORDER BY x.provider COLLATE "C", x.template_key COLLATE "C"
ON CONFLICT (day, provider, template_key) DO UPDATE SET messages = s.messages + excluded.messages, units = s.units + excluded.units
