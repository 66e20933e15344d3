-- Besides consumers, state that refers to records keeps them: views <schema>.bus_holds of the same shape say from where.
CREATE OR REPLACE FUNCTION consumer_positions() RETURNS TABLE (consumer text, topic text, partition integer, next_seq bigint)
LANGUAGE plpgsql SET search_path = bus, pg_temp AS $$
DECLARE
  source record;
BEGIN
  FOR source IN SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE (c.relname = 'bus_offsets' AND c.relkind = 'r') OR (c.relname = 'bus_holds' AND c.relkind = 'v') LOOP
    RETURN QUERY EXECUTE format('SELECT o.consumer, o.topic, o.partition, o.next_seq FROM %I.%I o', source.nspname, source.relname);
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION consumer_positions() FROM PUBLIC;
