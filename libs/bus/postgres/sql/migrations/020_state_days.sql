-- State topics get tables of days like all others. A day goes when its owner has published each of its keys again: that
-- is where the consumer 'state owner' stands (libs/bus/republisher.hpp). What a topic holds until now becomes one
-- large day, named after the last one in it.
CREATE OR REPLACE FUNCTION add_topic(topic_name text, topic_table name, topic_kind text) RETURNS void
LANGUAGE plpgsql SET search_path = bus, pg_temp AS $$
BEGIN
  EXECUTE format('CREATE TABLE %I (
    partition integer NOT NULL,
    base_seq bigint NOT NULL,
    record_count integer NOT NULL CHECK (record_count BETWEEN 1 AND 500),
    published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    records bytea COMPRESSION lz4 NOT NULL
  ) PARTITION BY RANGE (published_at)', topic_table);
  INSERT INTO topics VALUES (topic_name, topic_table, topic_kind);
END $$;

CREATE OR REPLACE FUNCTION add_days(days_ahead integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = bus, pg_temp SET timezone = 'UTC' AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('carillon.bus.days', 0));
  PERFORM add_day(t.table_name, current_date + d)
  FROM topics t, generate_series(0, least(days_ahead, 31)) AS d ORDER BY t.table_name, d;
END $$;

CREATE OR REPLACE FUNCTION day_kept_for(topic_name text, topic_table name, child name) RETURNS text
LANGUAGE plpgsql SET search_path = bus, pg_temp AS $$
DECLARE
  is_state boolean := (SELECT t.kind = 'state' FROM topics t WHERE t.name = topic_name);
  last record;
  behind text;
  newer boolean;
BEGIN
  FOR last IN EXECUTE format('SELECT partition AS p, max(base_seq + record_count) AS next_seq FROM %I GROUP BY partition', child) LOOP
    SELECT string_agg(DISTINCT c.consumer, ', ') INTO behind FROM consumer_positions() c
    WHERE c.topic = topic_name AND c.partition = last.p AND c.next_seq < last.next_seq;
    IF behind IS NOT NULL THEN RETURN 'consumer behind: ' || behind; END IF;
    IF is_state AND NOT EXISTS (SELECT FROM consumer_positions() c
                                WHERE c.topic = topic_name AND c.partition = last.p AND c.consumer = 'state owner') THEN
      RETURN 'not published again by its owner';
    END IF;
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I WHERE partition = $1 AND base_seq >= $2)', topic_table)
    INTO newer USING last.p, last.next_seq;
    IF NOT newer THEN RETURN 'newest record'; END IF;
  END LOOP;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION drop_day(topic_name text, child name) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = bus, pg_temp SET lock_timeout = '500ms' AS $$
DECLARE
  parent name := (SELECT t.table_name FROM topics t WHERE t.name = topic_name);
BEGIN
  IF parent IS NULL OR child !~ ('^' || parent || '_[0-9]{8}$') THEN
    RAISE EXCEPTION 'not a day of a topic: %', child USING ERRCODE = '22023';
  END IF;
  EXECUTE format('LOCK TABLE ONLY %I IN ACCESS EXCLUSIVE MODE', parent);
  IF to_regclass(format('bus.%I', child)) IS NULL OR day_kept_for(topic_name, parent, child) IS NOT NULL THEN RETURN false; END IF;
  EXECUTE format('DROP TABLE %I', child);
  RETURN true;
END $$;

DO $$
DECLARE
  topic record;
  granted record;
  last_day date;
  child name;
  has_records boolean;
BEGIN
  FOR topic IN SELECT t.table_name FROM bus.topics t JOIN pg_class c ON c.oid = format('bus.%I', t.table_name)::regclass
               WHERE t.kind = 'state' AND c.relkind = 'r' LOOP
    EXECUTE format('LOCK TABLE bus.%I IN ACCESS EXCLUSIVE MODE', topic.table_name);
    EXECUTE format('SELECT (greatest(max(published_at), now()) AT TIME ZONE ''UTC'')::date FROM bus.%I', topic.table_name) INTO last_day;
    child := topic.table_name || '_' || to_char(last_day, 'YYYYMMDD');
    EXECUTE format('ALTER TABLE bus.%I RENAME TO %I', topic.table_name, child);
    EXECUTE format('CREATE TABLE bus.%I (LIKE bus.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMPRESSION) PARTITION BY RANGE (published_at)',
                   topic.table_name, child);
    FOR granted IN SELECT a.grantee::regrole AS role, a.privilege_type AS privilege FROM pg_class c, aclexplode(c.relacl) AS a
                   WHERE c.oid = format('bus.%I', child)::regclass AND a.grantee <> c.relowner LOOP
      EXECUTE format('GRANT %s ON bus.%I TO %s', granted.privilege, topic.table_name, granted.role);
      EXECUTE format('REVOKE %s ON bus.%I FROM %s', granted.privilege, child, granted.role);
    END LOOP;
    EXECUTE format('SELECT EXISTS (SELECT FROM bus.%I)', child) INTO has_records;
    IF has_records THEN
      EXECUTE format('ALTER TABLE bus.%I ATTACH PARTITION bus.%I FOR VALUES FROM (MINVALUE) TO (%L)', topic.table_name, child,
                     (last_day + 1) || ' 00:00:00+00');
    ELSE
      EXECUTE format('DROP TABLE bus.%I', child);
    END IF;
  END LOOP;
END $$;
SELECT bus.add_days(2);
