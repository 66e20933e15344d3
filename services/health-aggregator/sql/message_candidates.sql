-- Messages in [$2, $1), newest first, out of the newest $10 rows of the index that leads ($9), and whether each fits: one
-- event has all of channel, template, client and recipient, some event the status and some the provider; NULL = any.
-- `more`: there were $10 rows, so there may be others below. Only the branch that $9 names is run. Its comparison of
-- pairs and its order are those of one index alone, so no other can be taken; but for the recipient's, whose reference is
-- no constant: of a pair with it the planner expects a third of the index, and would rather read all of another.
-- Each message's rows lie anywhere in the table; so whether it may fit at all is asked of the other filters' indexes first.
WITH rows AS MATERIALIZED (
  (SELECT l.message_id FROM health.message_log l
   WHERE $9::text = 'id' AND l.message_id < $1::uuid AND l.message_id >= $2::uuid
   ORDER BY l.message_id DESC LIMIT $10::integer)
  UNION ALL
  (SELECT l.message_id FROM health.message_log l
   WHERE $9::text = 'status' AND l.status NOT IN (13, 18, 22)
     AND (l.status, l.message_id) < ($7::smallint, $1::uuid) AND (l.status, l.message_id) >= ($7::smallint, $2::uuid)
   ORDER BY l.status DESC, l.message_id DESC LIMIT $10::integer)
  UNION ALL
  (SELECT l.message_id FROM health.message_log l
   WHERE $9::text = 'client' AND l.client_id <> '' AND l.attempt = 0
     AND (l.client_id, l.message_id) < ($5::text, $1::uuid) AND (l.client_id, l.message_id) >= ($5::text, $2::uuid)
   ORDER BY l.client_id DESC, l.message_id DESC LIMIT $10::integer)
  UNION ALL
  (SELECT l.message_id FROM health.message_log l
   WHERE $9::text = 'template' AND l.attempt = 0
     AND (l.template_key, l.message_id) < ($4::text, $1::uuid) AND (l.template_key, l.message_id) >= ($4::text, $2::uuid)
   ORDER BY l.template_key DESC, l.message_id DESC LIMIT $10::integer)
  UNION ALL
  (SELECT l.message_id FROM health.message_log l
   WHERE $9::text = 'provider' AND l.provider <> '' AND l.status <> 22
     AND (l.provider, l.message_id) < ($8::text, $1::uuid) AND (l.provider, l.message_id) >= ($8::text, $2::uuid)
   ORDER BY l.provider DESC, l.message_id DESC LIMIT $10::integer)
  UNION ALL
  (SELECT r.message_id FROM unnest($6::text[]) AS h(hash)
   CROSS JOIN LATERAL (
     SELECT l.message_id FROM health.message_log l
     WHERE $9::text = 'recipient' AND left(l.recipient_hash, 16) = left(h.hash, 16) AND l.recipient_hash = h.hash
       AND l.recipient_hash <> '' AND l.attempt = 0 AND l.message_id < $1::uuid AND l.message_id >= $2::uuid
     ORDER BY l.message_id DESC LIMIT $10::integer) r
   ORDER BY r.message_id DESC LIMIT $10::integer)
)
SELECT e.message_id, coalesce(f.fits, false) AS fits, (SELECT count(*) FROM rows) = $10::integer AS more
FROM (SELECT DISTINCT message_id FROM rows) e
CROSS JOIN LATERAL (
  SELECT ($4::text IS NULL OR $9 = 'template'
          OR (SELECT true FROM health.message_log l
              WHERE l.attempt = 0 AND l.template_key = $4 AND l.message_id = e.message_id LIMIT 1))
     AND ($7::smallint IS NULL OR $7 IN (13, 18, 22) OR $9 = 'status'
          OR (SELECT true FROM health.message_log l
              WHERE l.status NOT IN (13, 18, 22) AND l.status = $7 AND l.message_id = e.message_id LIMIT 1))
     AND ($8::text IS NULL OR $9 = 'provider'
          OR (SELECT true FROM health.message_log l
              WHERE l.provider <> '' AND l.status <> 22 AND l.provider = $8 AND l.message_id = e.message_id LIMIT 1))
         AS may_fit OFFSET 0) g
CROSS JOIN LATERAL (
  SELECT bool_or(($3::smallint IS NULL OR l.channel = $3) AND ($4::text IS NULL OR l.template_key = $4)
                 AND ($5::text IS NULL OR l.client_id = $5) AND ($6::text[] IS NULL OR l.recipient_hash = ANY ($6)))
         AND ($7::smallint IS NULL OR bool_or(l.status = $7)) AND ($8::text IS NULL OR bool_or(l.provider = $8)) AS fits
  FROM health.message_log l WHERE g.may_fit AND l.message_id = e.message_id) f
ORDER BY e.message_id DESC
