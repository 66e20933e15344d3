-- Template and channel of messages, from the first of their rows that knows them.
SELECT m.message_id, f.template_key, f.channel
FROM unnest($1::uuid[]) AS m(message_id)
CROSS JOIN LATERAL (SELECT l.template_key, l.channel FROM health.message_log l
                    WHERE l.message_id = m.message_id AND l.template_key <> '' LIMIT 1) AS f
