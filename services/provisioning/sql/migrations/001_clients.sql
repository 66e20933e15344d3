CREATE TABLE bus_offsets (consumer text NOT NULL, topic text NOT NULL, partition integer NOT NULL, next_seq bigint NOT NULL,
                          next_offset bigint NOT NULL DEFAULT -1, PRIMARY KEY (consumer, topic, partition));

-- Every client there ever was: a deleted one keeps its row, for its version must go on growing when it comes back.
CREATE TABLE clients (
  id text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_.:-]{1,100}$'),
  version bigint NOT NULL CHECK (version > 0),
  onboarding_status text NOT NULL CHECK (onboarding_status IN ('PENDING', 'PROVISIONED')),
  onboarding_state text NOT NULL,
  plan text NOT NULL CHECK (plan IN ('', 'SOLO', 'PORTFOLIO', 'PRO')),
  payment_active boolean NOT NULL,
  subscription_status text NOT NULL,
  entitlements jsonb NOT NULL,
  business_name text NOT NULL,
  business_type text NOT NULL,
  location text NOT NULL,
  owner_name text NOT NULL,
  owner_phone text NOT NULL,
  notification_preference text NOT NULL,
  phone_type text NOT NULL,
  twilio_number text NOT NULL,
  email text NOT NULL,
  phone text NOT NULL,
  billing_email text NOT NULL,
  slack_webhook text NOT NULL,
  sms_enabled boolean NOT NULL,
  time_zone text NOT NULL,
  locale text NOT NULL,
  stripe_customer_id text NOT NULL,
  stripe_subscription_id text NOT NULL,
  billing_version bigint NOT NULL,
  deleted boolean NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);

-- An inbound message finds its client by the number it came from or by the one it was sent to, so each belongs to one.
CREATE UNIQUE INDEX clients_owner_phone ON clients (owner_phone) WHERE owner_phone <> '' AND NOT deleted;
CREATE UNIQUE INDEX clients_twilio_number ON clients (twilio_number) WHERE twilio_number <> '' AND NOT deleted;
CREATE INDEX clients_email ON clients (lower(email)) WHERE email <> '';
CREATE INDEX clients_newest ON clients (created_at DESC, id DESC);
