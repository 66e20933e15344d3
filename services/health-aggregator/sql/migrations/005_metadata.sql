-- What the producer said about its message, on the message's first row.
ALTER TABLE message_log ADD metadata jsonb;
