-- Phone numbers that clients are given. AVAILABLE: nobody's; ASSIGNED: a client's; RESERVED: of a client that was
-- canceled, and only that client's again until the quarantine has passed.
CREATE TABLE twilio_number_pool (
  phone_e164 text NOT NULL UNIQUE,
  status text NOT NULL CHECK (status IN ('AVAILABLE', 'RESERVED', 'ASSIGNED')),
  client_id text UNIQUE REFERENCES clients (id),
  reserved_at timestamptz,
  assigned_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CHECK ((status = 'AVAILABLE') = (client_id IS NULL)),
  CHECK ((status = 'RESERVED') = (reserved_at IS NOT NULL)),
  CHECK ((status = 'AVAILABLE') = (assigned_at IS NULL))
);

CREATE INDEX twilio_number_pool_available ON twilio_number_pool (created_at, phone_e164) WHERE status = 'AVAILABLE';
CREATE INDEX twilio_number_pool_reserved ON twilio_number_pool (reserved_at) WHERE status = 'RESERVED';
CREATE INDEX twilio_number_pool_recent ON twilio_number_pool (assigned_at DESC) WHERE status = 'ASSIGNED';

-- Who asked for a number when there was none, in the order in which they are served.
CREATE TABLE number_waiting (
  client_id text PRIMARY KEY REFERENCES clients (id),
  since timestamptz NOT NULL
);

-- One row while OPS know that the pool is low.
CREATE TABLE number_pool_alarm (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  raised_at timestamptz NOT NULL
);
