-- Of each recipient, named by its hash, one row: when codes were sent lately, wrong codes, a lockout. Rows without
-- failures are dropped when nothing in them counts any more.
CREATE TABLE recipients (
  recipient_hash text PRIMARY KEY,
  version        bigint NOT NULL,          -- grows by one with every change: two writers can't both have read the same
  sends          bigint[] NOT NULL,        -- microseconds since 1970, oldest first, those in the window
  failures       integer NOT NULL,
  locked_until   timestamptz,
  changed_at     timestamptz NOT NULL
) WITH (fillfactor = 70);

-- The code that is valid for a recipient and an action: a new one takes the place of the old one, the right answer
-- removes it.
CREATE TABLE challenges (
  recipient_hash text NOT NULL,
  action         text NOT NULL,
  challenge_id   uuid NOT NULL,
  code_mac       bytea NOT NULL,           -- keyed with OTP_PEPPER, which is not in the database
  issued_at      timestamptz NOT NULL,
  expires_at     timestamptz NOT NULL,
  PRIMARY KEY (recipient_hash, action)
) WITH (fillfactor = 70);

-- Counts for limits over many recipients; an address is kept as an HMAC, of a number only its prefix.
CREATE TABLE limit_counts (
  kind     text NOT NULL,
  key      text NOT NULL,
  version  bigint NOT NULL,
  began_at timestamptz NOT NULL,
  current  bigint NOT NULL,
  previous bigint NOT NULL,
  PRIMARY KEY (kind, key)
) WITH (fillfactor = 70);

CREATE TABLE verified_recipients (recipient_hash text PRIMARY KEY, verified_at timestamptz NOT NULL);

CREATE TABLE step_up_tokens (
  token_hash     bytea PRIMARY KEY,        -- SHA-256 of 256 random bits
  recipient_hash text NOT NULL,
  expires_at     timestamptz NOT NULL
);

-- Codes sent and used, by minute and calling code ("email" for addresses).
CREATE TABLE conversion_counts (
  minute   timestamptz NOT NULL,
  country  text NOT NULL,
  sent     bigint NOT NULL,
  verified bigint NOT NULL,
  PRIMARY KEY (minute, country)
);
CREATE TABLE conversion_alarms (country text PRIMARY KEY, raised_at timestamptz NOT NULL);
