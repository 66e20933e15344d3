SELECT attachment_id, sha256, content FROM attachments.files WHERE attachment_id = ANY ($1::uuid[])
