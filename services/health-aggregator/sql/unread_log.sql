-- What the consumer of the message log has not read yet: records, and when the oldest of them was published. A row of the
-- topic holds 500 records at most.
SELECT coalesce(sum(b.base_seq + b.record_count - greatest(b.base_seq, o.next_seq)), 0)::bigint AS records,
       min(b.published_at) AS oldest
FROM health.bus_offsets o
JOIN bus.message_log b ON b.partition = o.partition AND b.base_seq > o.next_seq - 500
                      AND b.base_seq + b.record_count > o.next_seq
WHERE o.topic = 'notification.message-log.v1'
