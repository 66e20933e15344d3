-- A row refers to its dispatch record instead of copying it: two numbers for two kilobytes. When a message is held (it may
-- wait for a person for weeks and outlive the record) or waits for its next round, the record is copied into the row and
-- the reference goes. Rows from before this migration hold their payload too.
ALTER TABLE pending
  ADD record_partition integer,
  ADD record_seq bigint,
  ALTER payload DROP NOT NULL,
  ALTER traceparent DROP NOT NULL,
  ADD CONSTRAINT pending_content CHECK (num_nonnulls(record_partition, record_seq) = CASE WHEN payload IS NULL THEN 2 ELSE 0 END);

-- Records the bus has to keep, whatever their age, in the shape of bus_offsets.
CREATE VIEW bus_holds AS
SELECT 'provider-dispatcher pending'::text AS consumer, 'notification.dispatch.v1'::text AS topic,
       record_partition AS partition, min(record_seq) AS next_seq
FROM pending WHERE payload IS NULL GROUP BY record_partition;
