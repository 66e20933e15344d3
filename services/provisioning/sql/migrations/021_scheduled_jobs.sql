-- Runs of jobs that come round with time. Not provisioning jobs (table jobs).
CREATE TABLE job_runs (
  id uuid PRIMARY KEY,
  job text NOT NULL,
  scheduled_for timestamptz NOT NULL,
  requested_by text NOT NULL,              -- '': by its schedule
  requested_at timestamptz NOT NULL,
  started_at timestamptz,
  ended_at timestamptz,
  outcome text NOT NULL CHECK (outcome IN ('REQUESTED', 'RUNNING', 'DONE', 'FAILED')),
  tries integer NOT NULL,                  -- above 1: an instance died or stopped in between, and another went on
  clients integer NOT NULL,
  items integer NOT NULL,
  emails integer NOT NULL,
  sms integer NOT NULL,
  CHECK ((outcome IN ('DONE', 'FAILED')) = (ended_at IS NOT NULL))
);
CREATE UNIQUE INDEX job_runs_open ON job_runs (job) WHERE ended_at IS NULL;
CREATE INDEX job_runs_newest ON job_runs (job, requested_at DESC, id DESC);
CREATE INDEX job_runs_old ON job_runs (ended_at);

-- Up to when the moments of a job are done with in a time zone.
CREATE TABLE schedule_zones (
  job text NOT NULL,
  time_zone text NOT NULL,                 -- as clients have it; '': UTC
  done_until timestamptz NOT NULL,
  PRIMARY KEY (job, time_zone)
);
CREATE INDEX clients_time_zone ON clients (time_zone) WHERE NOT deleted;

-- Digests and reports that clients were sent, each period once.
CREATE TABLE client_notices (
  job text NOT NULL,
  client_id text NOT NULL REFERENCES clients (id),
  period text NOT NULL,                    -- the date it begins with; an id where it was asked for
  sent_at timestamptz NOT NULL,
  PRIMARY KEY (job, client_id, period)
);
CREATE INDEX client_notices_old ON client_notices (sent_at);
