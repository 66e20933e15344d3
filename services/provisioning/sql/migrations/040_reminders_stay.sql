-- That a mail named a date stays known when the item is removed: the pipe takes no second one within 24 hours, whichever
-- item it is about. Dropped after a while.
ALTER TABLE compliance_reminders DROP CONSTRAINT compliance_reminders_item_id_fkey;
CREATE INDEX compliance_reminders_old ON compliance_reminders (sent_at);
