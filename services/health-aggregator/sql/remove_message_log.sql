-- One chunk of messages accepted before the id $1.
WITH doomed AS (
  SELECT message_id, status, attempt FROM health.message_log WHERE message_id < $1::uuid
  ORDER BY message_id, status, attempt LIMIT $2)
DELETE FROM health.message_log l USING doomed d
WHERE l.message_id = ANY (ARRAY[d.message_id]) AND l.status = d.status AND l.attempt = d.attempt
