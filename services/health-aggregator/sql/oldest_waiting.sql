-- The first of the messages in [$1, now) that has no final send state and is not held UNCONFIRMED 17.
-- Waiting: SCHEDULED 14, DEFERRED_THROTTLED 15, QUEUED 13, ATTEMPT_FAILED 16; all other send states end it or hold it.
SELECT l.message_id FROM health.message_log l
WHERE l.message_id >= $1::uuid AND l.status IN (13, 14, 15, 16)
  AND NOT EXISTS (SELECT 1 FROM health.message_log f WHERE f.message_id = l.message_id AND f.status < 22
                  AND f.status NOT IN (13, 14, 15, 16))
ORDER BY l.message_id LIMIT 1
