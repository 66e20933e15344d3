-- Circuit breakers, shared by all instances. `version` grows with every change.
CREATE TABLE provider_health (
  provider             text PRIMARY KEY,
  state                text NOT NULL DEFAULT 'CLOSED' CHECK (state IN ('CLOSED', 'OPEN', 'HALF_OPEN')),
  consecutive_failures integer NOT NULL DEFAULT 0,
  successes            integer NOT NULL DEFAULT 0,
  opened_at            timestamptz,
  trial_until          timestamptz,
  trial_by             bigint NOT NULL DEFAULT 0,
  last_error           text NOT NULL DEFAULT '',
  version              bigint NOT NULL DEFAULT 0,
  updated_at           timestamptz NOT NULL DEFAULT now()
);

-- The next free call slot of each rated provider, in the database's clock, over all instances.
CREATE TABLE provider_rate (provider text PRIMARY KEY, next_slot_at timestamptz NOT NULL);
