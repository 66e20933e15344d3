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

-- After the broker has lost its data: relays begin again where the slowest consumer of a partition stands (at the oldest
-- record where nobody's offsets say: state, dead letters), and consumers read the topics from their beginning. What they
-- have had already they know by its seq.
CREATE FUNCTION ship_again() RETURNS TABLE (topic text, partition integer, next_seq bigint)
LANGUAGE plpgsql SET search_path = bus, pg_temp AS $$
DECLARE
  schema_name name;
BEGIN
  FOR schema_name IN SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                     WHERE c.relname = 'bus_offsets' AND c.relkind = 'r' AND n.nspname <> 'bus' LOOP
    EXECUTE format('UPDATE %I.bus_offsets SET next_offset = -1', schema_name);
  END LOOP;
  RETURN QUERY UPDATE bus_offsets o
    SET next_seq = coalesce((SELECT min(c.next_seq) FROM consumer_positions() c
                             WHERE c.topic = o.topic AND c.partition = o.partition AND c.consumer <> 'relay'
                               AND NOT EXISTS (SELECT FROM topics t WHERE t.name = o.topic AND t.kind = 'state')), 0)
    RETURNING o.topic, o.partition, o.next_seq;
END $$;

REVOKE ALL ON FUNCTION source_id(), table_of(text), ship_again() FROM PUBLIC;
