-- What a relay needs that ships the topics to a broker. Which database a record on the broker comes from:
CREATE TABLE source (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  id uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO source DEFAULT VALUES;
CREATE FUNCTION source_id() RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = bus, pg_temp AS 'SELECT id FROM source';

-- Up to where the broker has each partition; next_offset is not used here.
CREATE TABLE bus_offsets (
  consumer text NOT NULL,
  topic text NOT NULL,
  partition integer NOT NULL,
  next_seq bigint NOT NULL,
  next_offset bigint NOT NULL DEFAULT -1,
  PRIMARY KEY (consumer, topic, partition)
);

-- Who may read a topic may relay it; who may write it may always read it.
CREATE FUNCTION table_of(topic_name text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = bus, pg_temp AS
$$ SELECT format('bus.%I', t.table_name) FROM topics t WHERE t.name = topic_name $$;
ALTER TABLE bus_offsets ENABLE ROW LEVEL SECURITY;
CREATE POLICY writers ON bus_offsets USING (has_table_privilege(table_of(topic), 'SELECT'));

REVOKE ALL ON FUNCTION source_id(), table_of(text) FROM PUBLIC;
