-- How much each owner has stored is summed up before each file that is added, from the index alone.
CREATE INDEX files_owner ON files (owner, keep_until) INCLUDE (bytes);
