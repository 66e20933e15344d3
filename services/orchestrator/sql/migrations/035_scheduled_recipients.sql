-- To whom a scheduled message goes, as a reference, so that it is found when the recipient is to be forgotten.
ALTER TABLE scheduled_messages ADD COLUMN recipient_hash text NOT NULL DEFAULT '';
CREATE INDEX scheduled_messages_recipient ON scheduled_messages (recipient_hash) WHERE recipient_hash <> '';
