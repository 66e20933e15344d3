-- Files that messages refer to. What is in a row never changes but how long it is kept: of its columns only keep_until
-- may be updated by anybody (attachments.hpp: grant_keeper).
CREATE TABLE files (
  attachment_id uuid PRIMARY KEY,
  owner         text NOT NULL,          -- who stored it, as the source of their requests: api:<owner of the key>
  file_name     text NOT NULL,
  content_type  text NOT NULL,
  bytes         integer NOT NULL CHECK (bytes > 0),
  sha256        bytea NOT NULL,
  created_at    timestamptz NOT NULL,
  keep_until    timestamptz NOT NULL,
  content       bytea NOT NULL,
  CHECK (octet_length(content) = bytes)
);
-- Documents and pictures are compressed already; fetched whole or not at all.
ALTER TABLE files ALTER content SET STORAGE EXTERNAL;
CREATE INDEX files_keep_until ON files (keep_until);
