-- Preferences of a client for one recipient: a reference (HMAC) of the address; '' = for all its contacts.
ALTER TABLE preferences ADD COLUMN recipient_hash text NOT NULL DEFAULT '';
ALTER TABLE preferences DROP CONSTRAINT preferences_pkey, ADD PRIMARY KEY (client_id, channel, scope, recipient_hash);

-- Minutes of the local day, in the client's time zone; an end that is not after the start is the next day's.
CREATE TABLE quiet_hours (
  client_id text PRIMARY KEY,
  start_minute integer NOT NULL CHECK (start_minute BETWEEN 0 AND 1439),
  end_minute integer NOT NULL CHECK (end_minute BETWEEN 0 AND 1439),
  updated_at timestamptz NOT NULL,
  CHECK (start_minute <> end_minute)
);
