-- Provisioning jobs. A client has one that is not over at most.
CREATE TABLE jobs (
  id uuid PRIMARY KEY,
  client_id text NOT NULL REFERENCES clients (id),
  status text NOT NULL CHECK (status IN ('RUNNING', 'FAILED', 'DONE', 'CANCELLED')),
  step text NOT NULL CHECK (step IN ('CREATE_PORTAL_USER', 'MARK_PROVISIONED', 'SEND_WELCOME')),
  attempts integer NOT NULL,
  next_attempt_at timestamptz NOT NULL,
  last_error text NOT NULL,
  account_id text NOT NULL,
  client_version bigint NOT NULL,
  created_at timestamptz NOT NULL,
  finished_at timestamptz
);

CREATE UNIQUE INDEX jobs_not_over ON jobs (client_id) WHERE finished_at IS NULL;
CREATE INDEX jobs_due ON jobs (next_attempt_at) WHERE status = 'RUNNING';
CREATE INDEX jobs_newest ON jobs (created_at DESC, id DESC);
