-- What was used of each provider, by UTC day: calls that were accepted or stayed unconfirmed, and their units (segments of
-- an SMS, else 1). A handful of rows is updated by every settled batch, so pages leave room for the new versions.
CREATE TABLE spend (
  day          date   NOT NULL,
  provider     text   NOT NULL,
  template_key text   NOT NULL,
  messages     bigint NOT NULL,
  units        bigint NOT NULL,
  PRIMARY KEY (day, provider, template_key)
) WITH (fillfactor = 40, autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);

-- Calls to each provider by minute, over all instances; for GET /health/messaging.
CREATE TABLE provider_calls (
  minute          timestamptz NOT NULL,
  provider        text        NOT NULL,
  calls           bigint      NOT NULL,
  failures        bigint      NOT NULL,
  latency_ms      bigint      NOT NULL,  -- of all calls together
  latency_ms_max  bigint      NOT NULL,
  last_failure_at timestamptz,
  PRIMARY KEY (minute, provider)
) WITH (fillfactor = 40, autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_threshold = 1000);

-- Alerts that were asked for, so that of several instances and after a restart only one does.
CREATE TABLE alerts (subject text PRIMARY KEY, sent_at timestamptz NOT NULL);
