-- How this database was set up; fixed by the first process that asks.
CREATE TABLE settings (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  partitions integer NOT NULL CHECK (partitions BETWEEN 1 AND 64)
);

CREATE TABLE topics (
  name text PRIMARY KEY,
  table_name name NOT NULL UNIQUE,
  kind text NOT NULL CHECK (kind IN ('events', 'state', 'dead_letters'))
);

CREATE FUNCTION agree_partitions(wanted integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = bus, pg_temp AS $$
BEGIN
  INSERT INTO settings (partitions) VALUES (wanted) ON CONFLICT DO NOTHING;
  RETURN (SELECT s.partitions FROM settings s);
END $$;

-- One row is one batch of records of one partition; seqs base_seq .. base_seq + record_count - 1 are its records'.
CREATE FUNCTION add_topic(topic_name text, topic_table name, topic_kind text) RETURNS void
LANGUAGE plpgsql SET search_path = bus, pg_temp AS $$
BEGIN
  EXECUTE format('CREATE TABLE %I (
    partition integer NOT NULL,
    base_seq bigint NOT NULL,
    record_count integer NOT NULL CHECK (record_count BETWEEN 1 AND 500),
    published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    records bytea COMPRESSION lz4 NOT NULL
  ) %s', topic_table, CASE topic_kind WHEN 'state' THEN '' ELSE 'PARTITION BY RANGE (published_at)' END);
  IF topic_kind = 'state' THEN
    EXECUTE format('CREATE UNIQUE INDEX ON %I (partition, base_seq)', topic_table);
  END IF;
  INSERT INTO topics VALUES (topic_name, topic_table, topic_kind);
END $$;

-- The table of one UTC day. Attaching lets publishers and consumers go on; PARTITION OF would stop them.
CREATE FUNCTION add_day(topic_table name, day date) RETURNS void
LANGUAGE plpgsql SET search_path = bus, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
  child name := topic_table || '_' || to_char(day, 'YYYYMMDD');
BEGIN
  IF to_regclass(format('bus.%I', child)) IS NOT NULL THEN RETURN; END IF;
  EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', child, topic_table);
  EXECUTE format('CREATE UNIQUE INDEX ON %I (partition, base_seq)', child);
  EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', topic_table, child,
                 day || ' 00:00:00+00', (day + 1) || ' 00:00:00+00');
END $$;

CREATE FUNCTION add_days(days_ahead integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = bus, pg_temp SET timezone = 'UTC' AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('carillon.bus.days', 0));
  PERFORM add_day(t.table_name, current_date + d)
  FROM topics t, generate_series(0, least(days_ahead, 31)) AS d WHERE t.kind <> 'state' ORDER BY t.table_name, d;
END $$;

-- Where every consumer of every service stands.
CREATE FUNCTION consumer_positions() RETURNS TABLE (consumer text, topic text, partition integer, next_seq bigint)
LANGUAGE plpgsql SET search_path = bus, pg_temp AS $$
DECLARE
  schema_name name;
BEGIN
  FOR schema_name IN SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                     WHERE c.relname = 'bus_offsets' AND c.relkind = 'r' LOOP
    RETURN QUERY EXECUTE format('SELECT o.consumer, o.topic, o.partition, o.next_seq FROM %I.bus_offsets o', schema_name);
  END LOOP;
END $$;

-- Why a day's table has to stay; NULL when it may go. The newest row of a partition stays: it is where seqs go on.
CREATE FUNCTION day_kept_for(topic_name text, topic_table name, child name) RETURNS text
LANGUAGE plpgsql SET search_path = bus, pg_temp AS $$
DECLARE
  last record;
  behind text;
  newer boolean;
BEGIN
  FOR last IN EXECUTE format('SELECT partition AS p, max(base_seq + record_count) AS next_seq FROM %I GROUP BY partition', child) LOOP
    SELECT string_agg(DISTINCT c.consumer, ', ') INTO behind FROM consumer_positions() c
    WHERE c.topic = topic_name AND c.partition = last.p AND c.next_seq < last.next_seq;
    IF behind IS NOT NULL THEN RETURN 'consumer behind: ' || behind; END IF;
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I WHERE partition = $1 AND base_seq >= $2)', topic_table)
    INTO newer USING last.p, last.next_seq;
    IF NOT newer THEN RETURN 'newest record'; END IF;
  END LOOP;
  RETURN NULL;
END $$;

CREATE FUNCTION old_days(retention interval, dead_letter_retention interval)
RETURNS TABLE (topic text, child name, kept_for text)
LANGUAGE sql SECURITY DEFINER SET search_path = bus, pg_temp SET timezone = 'UTC' AS $$
  SELECT t.name, c.relname, day_kept_for(t.name, t.table_name, c.relname)
  FROM topics t
  JOIN pg_inherits i ON i.inhparent = format('bus.%I', t.table_name)::regclass
  JOIN pg_class c ON c.oid = i.inhrelid
  WHERE to_date(right(c.relname, 8), 'YYYYMMDD') + 1
        <= now() - CASE t.kind WHEN 'dead_letters' THEN greatest(dead_letter_retention, retention) ELSE retention END
  ORDER BY c.relname
$$;

-- Drops a day's table when nothing holds it. Gives up soon when the topic is busy: everybody waits behind this lock.
CREATE FUNCTION drop_day(topic_name text, child name) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = bus, pg_temp SET lock_timeout = '500ms' AS $$
DECLARE
  parent name := (SELECT t.table_name FROM topics t WHERE t.name = topic_name AND t.kind <> 'state');
BEGIN
  IF parent IS NULL OR child !~ ('^' || parent || '_[0-9]{8}$') THEN
    RAISE EXCEPTION 'not a day of a topic: %', child USING ERRCODE = '22023';
  END IF;
  EXECUTE format('LOCK TABLE ONLY %I IN ACCESS EXCLUSIVE MODE', parent);
  IF to_regclass(format('bus.%I', child)) IS NULL OR day_kept_for(topic_name, parent, child) IS NOT NULL THEN RETURN false; END IF;
  EXECUTE format('DROP TABLE %I', child);
  RETURN true;
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA bus FROM PUBLIC;

SELECT add_topic('notification.send-requests.v1', 'send_requests', 'events');
SELECT add_topic('notification.dispatch.v1', 'dispatch', 'events');
SELECT add_topic('notification.message-log.v1', 'message_log', 'events');
SELECT add_topic('audit.v1', 'audit', 'events');
SELECT add_topic('notification.feedback.v1', 'feedback', 'events');
SELECT add_topic('client.state.v1', 'client_state', 'state');
SELECT add_topic('provider.state.v1', 'provider_state', 'state');
SELECT add_topic(name || '.dlq', table_name || '_dlq', 'dead_letters') FROM topics;
SELECT add_days(2);
