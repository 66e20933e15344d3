-- To whom a deferred message goes, as a reference, so that it is found when the recipient is to be forgotten. '': it was
-- deferred before there was this column.
ALTER TABLE notification_retry_queue ADD COLUMN recipient_hash text NOT NULL DEFAULT '';
CREATE INDEX notification_retry_queue_recipient ON notification_retry_queue (recipient_hash) WHERE recipient_hash <> '';
