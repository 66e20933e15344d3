INSERT INTO health.open_messages AS o (channel, waiting, held)
SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bigint[]) AS c(channel, waiting, held) ORDER BY 1
ON CONFLICT (channel) DO UPDATE SET waiting = o.waiting + excluded.waiting, held = o.held + excluded.held
