-- What the log already has of the messages of a batch: one probe of the key for each.
SELECT l.message_id, l.status, l.attempt
FROM unnest($1::uuid[]) AS m(message_id)
CROSS JOIN LATERAL (SELECT o.message_id, o.status, o.attempt FROM health.message_log o WHERE o.message_id = m.message_id OFFSET 0) AS l
