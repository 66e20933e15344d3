-- Where the consumers stand in Kafka's topics; -1: not known.
ALTER TABLE bus_offsets ADD COLUMN next_offset bigint NOT NULL DEFAULT -1;
