-- Ids of messages in [$2, $1), newest first, of which one event fits all of channel, template, client and recipient, and
-- some event has the status and the provider. NULL = any.
SELECT l.message_id FROM health.message_log l
WHERE l.message_id < $1::uuid AND l.message_id >= $2::uuid
  AND ($3::smallint IS NULL OR l.channel = $3) AND ($4::text IS NULL OR l.template_key = $4)
  AND ($5::text IS NULL OR l.client_id = $5) AND ($6::text IS NULL OR l.recipient_hash = $6)
  AND ($7::smallint IS NULL OR EXISTS (SELECT 1 FROM health.message_log s WHERE s.message_id = l.message_id AND s.status = $7))
  AND ($8::text IS NULL OR EXISTS (SELECT 1 FROM health.message_log p WHERE p.message_id = l.message_id AND p.provider = $8))
GROUP BY l.message_id ORDER BY l.message_id DESC LIMIT $9
