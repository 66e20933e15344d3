-- Rows of a round that others were tried in already, which end it when nobody may be called. With a spend limit reached that
-- can be so for weeks, and rows that only wait must not be walked through each time.
CREATE INDEX pending_mid_round ON pending (provider, priority, due_at, message_id) WHERE state = 0 AND cardinality(tried) > 0;
