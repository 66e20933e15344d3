-- As message_page, for a status that message_log_exceptions holds ($7, never NULL): the few such rows lead.
SELECT x.message_id FROM health.message_log x
WHERE x.status = $7::smallint AND x.status NOT IN (13, 18, 22) AND x.message_id < $1::uuid AND x.message_id >= $2::uuid
  AND EXISTS (SELECT 1 FROM health.message_log l
              WHERE l.message_id = x.message_id
                AND ($3::smallint IS NULL OR l.channel = $3) AND ($4::text IS NULL OR l.template_key = $4)
                AND ($5::text IS NULL OR l.client_id = $5) AND ($6::text IS NULL OR l.recipient_hash = $6))
  AND ($8::text IS NULL OR EXISTS (SELECT 1 FROM health.message_log p WHERE p.message_id = x.message_id AND p.provider = $8))
GROUP BY x.message_id ORDER BY x.message_id DESC LIMIT $9
