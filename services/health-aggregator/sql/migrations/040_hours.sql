-- Sums of the minute counts, so that long windows are read in a few thousand rows: by hour with the whole key, and by
-- minute with the three figures of a time series. The database keeps them, whoever writes the minute counts: programs of
-- the version before do not know of them.
CREATE TABLE hour_rollup (
  hour           timestamptz NOT NULL,
  channel        smallint    NOT NULL,
  template_key   text        NOT NULL,
  status         smallint    NOT NULL,
  provider       text        NOT NULL,
  reason         text        NOT NULL,
  messages       bigint      NOT NULL,
  latency_ms_sum bigint      NOT NULL,
  first_minute   timestamptz NOT NULL,
  PRIMARY KEY (hour, channel, template_key, status, provider, reason)
) WITH (fillfactor = 50);

-- A row says that something was logged. failed = FAILED 19, BOUNCED 23, UNDELIVERED 25; throttled = DEFERRED_THROTTLED 15.
CREATE TABLE minute_figures (
  minute    timestamptz NOT NULL,
  channel   smallint    NOT NULL,
  sent      bigint      NOT NULL,
  failed    bigint      NOT NULL,
  throttled bigint      NOT NULL,
  PRIMARY KEY (minute, channel)
) WITH (fillfactor = 50);

CREATE FUNCTION add_to_sums(added minute_rollup[]) RETURNS void
LANGUAGE sql SET search_path = health, pg_temp BEGIN ATOMIC
  INSERT INTO hour_rollup AS h
  SELECT date_trunc('hour', a.minute, 'UTC'), a.channel, a.template_key, a.status, a.provider, a.reason,
         sum(a.messages), sum(a.latency_ms_sum), min(a.minute)
  FROM unnest(added) a GROUP BY 1, 2, 3, 4, 5, 6
  ON CONFLICT (hour, channel, template_key, status, provider, reason)
  DO UPDATE SET messages = h.messages + excluded.messages, latency_ms_sum = h.latency_ms_sum + excluded.latency_ms_sum,
                first_minute = least(h.first_minute, excluded.first_minute);
  INSERT INTO minute_figures AS f
  SELECT a.minute, a.channel, coalesce(sum(a.messages) FILTER (WHERE a.status = 18), 0),
         coalesce(sum(a.messages) FILTER (WHERE a.status IN (19, 23, 25)), 0),
         coalesce(sum(a.messages) FILTER (WHERE a.status = 15), 0)
  FROM unnest(added) a GROUP BY 1, 2
  ON CONFLICT (minute, channel)
  DO UPDATE SET sent = f.sent + excluded.sent, failed = f.failed + excluded.failed,
                throttled = f.throttled + excluded.throttled;
END;

-- One writer at a time from here to its commit. Writers of the same minute's counts wait for each other anyway; without
-- this, two that change the same hours by way of different minutes could each wait for the other.
CREATE FUNCTION wait_for_sums() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('carillon.health.sums', 0));
  RETURN NULL;
END $$;

CREATE FUNCTION sum_new_minutes() RETURNS trigger LANGUAGE plpgsql SET search_path = health, pg_temp AS $$
BEGIN
  PERFORM add_to_sums(array_agg(ROW(a.*)::minute_rollup)) FROM added a HAVING count(*) > 0;
  RETURN NULL;
END $$;

CREATE FUNCTION sum_changed_minutes() RETURNS trigger LANGUAGE plpgsql SET search_path = health, pg_temp AS $$
BEGIN
  PERFORM add_to_sums(array_agg(ROW(n.minute, n.channel, n.template_key, n.status, n.provider, n.reason,
                                    n.messages - o.messages, n.latency_ms_sum - o.latency_ms_sum)::minute_rollup))
  FROM now_there n JOIN there_before o USING (minute, channel, template_key, status, provider, reason)
  HAVING count(*) > 0;
  RETURN NULL;
END $$;

CREATE TRIGGER minute_rollup_wait BEFORE INSERT ON minute_rollup FOR EACH STATEMENT EXECUTE FUNCTION wait_for_sums();
CREATE TRIGGER minute_rollup_new AFTER INSERT ON minute_rollup REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION sum_new_minutes();
CREATE TRIGGER minute_rollup_changed AFTER UPDATE ON minute_rollup
  REFERENCING OLD TABLE AS there_before NEW TABLE AS now_there FOR EACH STATEMENT EXECUTE FUNCTION sum_changed_minutes();

-- What is there already, as far back as any window reaches, an hour at a time. The triggers' lock lets nobody write
-- meanwhile.
DO $$
DECLARE each timestamptz;
BEGIN
  FOR each IN SELECT DISTINCT date_trunc('hour', minute, 'UTC') FROM minute_rollup WHERE minute >= now() - interval '8 days' LOOP
    PERFORM add_to_sums(array_agg(m)) FROM minute_rollup m WHERE m.minute >= each AND m.minute < each + interval '1 hour';
  END LOOP;
END $$;

-- Counts of a window: minutes up to its first whole hour, its whole hours, minutes after them.
CREATE FUNCTION window_counts(minutes_from timestamptz, hours_from timestamptz, hours_to timestamptz, minutes_to timestamptz)
RETURNS TABLE (since timestamptz, channel smallint, template_key text, status smallint, provider text, reason text,
               messages bigint, latency_ms_sum bigint)
LANGUAGE sql STABLE AS $$
  SELECT minute, channel, template_key, status, provider, reason, messages, latency_ms_sum
  FROM health.minute_rollup WHERE minute >= minutes_from AND minute < hours_from
  UNION ALL
  SELECT first_minute, channel, template_key, status, provider, reason, messages, latency_ms_sum
  FROM health.hour_rollup WHERE hour >= hours_from AND hour < hours_to
  UNION ALL
  SELECT minute, channel, template_key, status, provider, reason, messages, latency_ms_sum
  FROM health.minute_rollup WHERE minute >= hours_to AND minute < minutes_to
$$;
