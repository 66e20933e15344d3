SELECT attachment_id, owner, file_name, content_type, bytes, sha256
FROM attachments.files WHERE attachment_id = ANY ($1::uuid[]) AND keep_until > $2::timestamptz
