DELETE FROM attachments.files
WHERE attachment_id = ANY (ARRAY (SELECT attachment_id FROM attachments.files WHERE keep_until < $1::timestamptz ORDER BY keep_until LIMIT $2::integer))
  AND keep_until < $1::timestamptz
