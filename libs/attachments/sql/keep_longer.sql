-- Rows that are kept at least until $2 already are left alone, so a file that many messages carry is not written for each.
WITH short AS (
  SELECT attachment_id FROM attachments.files
  WHERE attachment_id = ANY ($1::uuid[]) AND keep_until > $4::timestamptz AND keep_until < $2::timestamptz
  ORDER BY attachment_id FOR UPDATE)
UPDATE attachments.files f SET keep_until = $3::timestamptz FROM short WHERE f.attachment_id = short.attachment_id
