CREATE TABLE bus_offsets (consumer text NOT NULL, topic text NOT NULL, partition integer NOT NULL, next_seq bigint NOT NULL,
                          next_offset bigint NOT NULL DEFAULT -1, PRIMARY KEY (consumer, topic, partition));
