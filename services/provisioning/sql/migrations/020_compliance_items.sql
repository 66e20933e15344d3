-- What clients have to keep valid.
CREATE TABLE compliance_items (
  id uuid PRIMARY KEY,
  client_id text NOT NULL REFERENCES clients (id),
  name text NOT NULL,
  expires_on date NOT NULL,
  status text NOT NULL CHECK (status IN ('ACTIVE', 'PENDING_VERIFICATION', 'RESOLVED')),
  status_since timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX compliance_items_newest ON compliance_items (client_id, created_at DESC, id DESC);
CREATE INDEX compliance_items_expiring ON compliance_items (client_id, expires_on) WHERE status <> 'RESOLVED';
CREATE INDEX compliance_items_unverified ON compliance_items (client_id, status_since) WHERE status = 'PENDING_VERIFICATION';

-- Each item and window once; an item with a new date begins anew.
CREATE TABLE compliance_reminders (
  item_id uuid NOT NULL REFERENCES compliance_items (id) ON DELETE CASCADE,
  expires_on date NOT NULL,
  window_days integer NOT NULL,
  client_id text NOT NULL,
  mail_date date NOT NULL,                 -- the earliest date the mail named, by which the pipe limits reminders
  sent_at timestamptz NOT NULL,
  PRIMARY KEY (item_id, expires_on, window_days)
);
CREATE INDEX compliance_reminders_dates ON compliance_reminders (client_id, mail_date, sent_at);

-- Which items the admins know to be overdue: EXPIRED since its date, UNVERIFIED since it has waited for verification.
CREATE TABLE compliance_sla_alerts (
  item_id uuid NOT NULL REFERENCES compliance_items (id) ON DELETE CASCADE,
  breach text NOT NULL CHECK (breach IN ('EXPIRED', 'UNVERIFIED')),
  since date NOT NULL,
  alerted_at timestamptz NOT NULL,
  PRIMARY KEY (item_id, breach, since)
);
