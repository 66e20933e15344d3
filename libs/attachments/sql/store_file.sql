-- Arrays of one: only they travel in binary format, half the size of hex.
INSERT INTO attachments.files (attachment_id, owner, file_name, content_type, bytes, sha256, created_at, keep_until, content)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::bytea[], $7::timestamptz[], $8::timestamptz[], $9::bytea[])
