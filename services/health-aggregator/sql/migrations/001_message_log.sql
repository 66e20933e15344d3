CREATE TABLE bus_offsets (consumer text NOT NULL, topic text NOT NULL, partition integer NOT NULL, next_seq bigint NOT NULL, PRIMARY KEY (consumer, topic, partition));

-- One row per status a message entered. Append-only: rows are inserted, and deleted by retention. status, channel and
-- priority are the enum numbers of the event contract. Ids are UUIDv7, so the key's order is the order of acceptance.
CREATE TABLE message_log (
  message_id          uuid        NOT NULL,
  status              smallint    NOT NULL,
  attempt             integer     NOT NULL,
  occurred_at         timestamptz NOT NULL,
  template_key        text        NOT NULL,
  template_version    integer     NOT NULL,
  channel             smallint    NOT NULL,
  priority            smallint    NOT NULL,
  client_id           text        NOT NULL,
  recipient_masked    text        NOT NULL,
  recipient_hash      text        NOT NULL,
  recipient           text        NOT NULL,
  provider            text        NOT NULL,
  provider_message_id text        NOT NULL,
  round               integer     NOT NULL,
  reason              text        NOT NULL,
  provider_code       text        NOT NULL,
  detail              text        NOT NULL,
  latency_ms          integer     NOT NULL,
  sms_segments        integer     NOT NULL,
  extra_call          boolean     NOT NULL,
  source              text        NOT NULL,
  accepted_at         timestamptz,
  next_attempt_at     timestamptz,
  PRIMARY KEY (message_id, status, attempt)
) WITH (autovacuum_vacuum_insert_scale_factor = 0.05);

-- Everything but the statuses of the ordinary path (QUEUED 13, SENT 18, DELIVERED 22): rare rows, so the index is small.
CREATE INDEX message_log_exceptions ON message_log (status, message_id) WHERE status NOT IN (13, 18, 22);

-- Counts per minute of what really was inserted: a message counts once per status, in the minute it first entered it;
-- ATTEMPT_FAILED counts attempts. Rows of the current minute are updated once per batch.
CREATE TABLE minute_rollup (
  minute         timestamptz NOT NULL,
  channel        smallint    NOT NULL,
  template_key   text        NOT NULL,
  status         smallint    NOT NULL,
  provider       text        NOT NULL,
  reason         text        NOT NULL,
  messages       bigint      NOT NULL,
  latency_ms_sum bigint      NOT NULL,
  PRIMARY KEY (minute, channel, template_key, status, provider, reason)
) WITH (fillfactor = 70);

-- Messages without a final send state, by channel: still on their way, or held UNCONFIRMED.
CREATE TABLE open_messages (
  channel smallint NOT NULL PRIMARY KEY,
  waiting bigint   NOT NULL,
  held    bigint   NOT NULL
) WITH (fillfactor = 10, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);


REVOKE UPDATE ON message_log FROM carillon_health;
