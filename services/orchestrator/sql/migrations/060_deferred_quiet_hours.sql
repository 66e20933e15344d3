-- Until when a deferred message keeps quiet, or expires; NULL: it waits for room in the throttle.
ALTER TABLE notification_retry_queue ADD COLUMN not_before timestamptz;
DROP INDEX notification_retry_queue_next;
CREATE INDEX notification_retry_queue_next ON notification_retry_queue (channel, priority, turn, seq) WHERE not_before IS NULL;
DROP INDEX notification_retry_queue_last_turn;
CREATE INDEX notification_retry_queue_last_turn ON notification_retry_queue (channel, priority, fair_key, turn) WHERE not_before IS NULL;
CREATE INDEX notification_retry_queue_quiet ON notification_retry_queue (channel, not_before) WHERE not_before IS NOT NULL;
