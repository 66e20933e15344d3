-- Rows that are kept at least so long already are left alone, so a file that many messages carry is not written for each.
WITH short AS (
  SELECT f.attachment_id, w.until FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) AS w (attachment_id, at_least, until)
  JOIN attachments.files f ON f.attachment_id = ANY (ARRAY[w.attachment_id])
  WHERE f.keep_until > $4::timestamptz AND f.keep_until < w.at_least
  ORDER BY w.attachment_id FOR UPDATE OF f)
UPDATE attachments.files f SET keep_until = short.until FROM short WHERE f.attachment_id = ANY (ARRAY[short.attachment_id])
