CREATE TABLE bus_offsets (consumer text NOT NULL, topic text NOT NULL, partition integer NOT NULL, next_seq bigint NOT NULL, PRIMARY KEY (consumer, topic, partition));

-- Who asked what before. One row a request; dropped in chunks by age (the BRIN index costs nothing to write).
CREATE TABLE idempotency_keys (
  source text NOT NULL,
  key text NOT NULL,
  body_hash bytea NOT NULL,
  message_id uuid NOT NULL,
  message_count integer NOT NULL,
  accepted_at timestamptz NOT NULL,
  PRIMARY KEY (source, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys USING brin (accepted_at);

CREATE TABLE templates (
  key text PRIMARY KEY,
  alias text NOT NULL DEFAULT '',
  channel text NOT NULL,
  audience text NOT NULL,
  category text NOT NULL,
  active boolean NOT NULL,
  meta jsonb NOT NULL,                 -- gates, window, priority, variables: the file meta.json
  active_version integer NOT NULL,
  updated_at timestamptz NOT NULL,
  updated_by text NOT NULL
);
CREATE TABLE template_versions (
  key text NOT NULL REFERENCES templates,
  version integer NOT NULL,
  seed_hash bytea,                     -- of the seed files; NULL when a person wrote it
  created_at timestamptz NOT NULL,
  created_by text NOT NULL,
  PRIMARY KEY (key, version)
);
CREATE TABLE template_bodies (
  key text NOT NULL,
  version integer NOT NULL,
  locale text NOT NULL,
  subject text NOT NULL,
  text text NOT NULL,
  html text NOT NULL,
  PRIMARY KEY (key, version, locale),
  FOREIGN KEY (key, version) REFERENCES template_versions
);
-- Counts changes of the three tables above, so that every instance notices them with one cheap read.
CREATE TABLE template_revision (only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), revision bigint NOT NULL);
INSERT INTO template_revision (revision) VALUES (1);

CREATE TABLE preferences (
  client_id text NOT NULL,
  scope text NOT NULL,                 -- a template key, a category, or '*'
  channel text NOT NULL,
  enabled boolean NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (client_id, channel, scope)
);
CREATE TABLE suppressions (
  channel text NOT NULL,
  recipient_hash text NOT NULL,
  reason text NOT NULL,
  message_id text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL,
  PRIMARY KEY (channel, recipient_hash)
);

CREATE TABLE rate_windows (
  template_key text NOT NULL,
  subject text NOT NULL,
  message_id uuid NOT NULL,
  accepted_at timestamptz NOT NULL,
  window_until timestamptz NOT NULL,
  PRIMARY KEY (template_key, subject)
);
CREATE INDEX rate_windows_message ON rate_windows (message_id);

-- Overrides NOTIFICATION_<channel>_PER_MINUTE_LIMIT at run time; 0 = no limit.
CREATE TABLE notification_outbound_limits (
  channel text PRIMARY KEY CHECK (channel IN ('EMAIL', 'SMS')),
  per_minute_limit integer NOT NULL CHECK (per_minute_limit >= 0),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE throttle_window (
  channel text NOT NULL,
  second bigint NOT NULL,
  admitted bigint NOT NULL,
  PRIMARY KEY (channel, second)
);
CREATE TABLE notification_retry_queue (
  message_id uuid PRIMARY KEY,
  channel text NOT NULL,
  priority smallint NOT NULL,
  turn bigint NOT NULL,                -- round-robin over fair_key
  seq bigint GENERATED ALWAYS AS IDENTITY,
  fair_key text NOT NULL,
  client_id text NOT NULL,
  dispatch bytea NOT NULL,             -- the rendered message, sealed where sensitive
  traceparent text NOT NULL,
  expires_at timestamptz,
  deferred_at timestamptz NOT NULL
);
CREATE INDEX notification_retry_queue_next ON notification_retry_queue (channel, priority, turn, seq);
CREATE INDEX notification_retry_queue_last_turn ON notification_retry_queue (channel, priority, fair_key, turn);
CREATE INDEX notification_retry_queue_expiry ON notification_retry_queue (expires_at) WHERE expires_at IS NOT NULL;

-- Requests that wait, 30 s at most, until the client's state is as new as they ask for.
CREATE TABLE parked_requests (
  message_id uuid PRIMARY KEY,
  client_id text NOT NULL,
  min_client_version bigint NOT NULL,
  park_until timestamptz NOT NULL,
  request bytea NOT NULL,
  traceparent text NOT NULL
);
CREATE INDEX parked_requests_until ON parked_requests (park_until);
