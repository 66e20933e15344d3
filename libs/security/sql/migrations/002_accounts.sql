-- People who log in. An address has one account. OWNER and STAFF belong to a client, ADMIN to none.
CREATE TABLE accounts (
  account_id          uuid PRIMARY KEY,
  email               text NOT NULL UNIQUE CHECK (email = lower(email)),
  role                text NOT NULL CHECK (role IN ('OWNER', 'STAFF', 'ADMIN')),
  client_id           text,
  password_hash       text,                    -- Argon2id; null until one is set
  password_changed_at timestamptz,
  created_at          timestamptz NOT NULL,
  disabled_at         timestamptz,
  CHECK ((role = 'ADMIN') = (client_id IS NULL))
);
CREATE INDEX accounts_client ON accounts (client_id);

-- A session that is over has no row, or one that is to be dropped.
CREATE TABLE sessions (
  session_id   uuid PRIMARY KEY,
  token_sha256 bytea NOT NULL UNIQUE,          -- of 256 random bits
  account_id   uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
  started_at   timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  expires_at   timestamptz NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX sessions_account ON sessions (account_id);

CREATE TABLE password_links (
  token_sha256 bytea PRIMARY KEY,              -- of 256 random bits
  account_id   uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
  purpose      text NOT NULL CHECK (purpose IN ('SET_PASSWORD', 'RESET_PASSWORD')),
  created_at   timestamptz NOT NULL,
  expires_at   timestamptz NOT NULL,
  used_at      timestamptz
);
CREATE INDEX password_links_account ON password_links (account_id);

-- Counts over sliding windows, by account and by address, both as references (HMAC).
CREATE TABLE login_attempts (
  kind     text NOT NULL,
  key      text NOT NULL,
  began_at timestamptz NOT NULL,               -- of the running window
  current  bigint NOT NULL,
  previous bigint NOT NULL,
  PRIMARY KEY (kind, key)
) WITH (fillfactor = 70);

-- Every service finds out who is behind a cookie; none but the keeper sees a password's hash or a link's.
GRANT SELECT (account_id, email, role, client_id, created_at, disabled_at) ON accounts TO PUBLIC;
GRANT SELECT ON sessions TO PUBLIC;

-- The one change that every service makes: a session was used.
CREATE FUNCTION touch_session(session uuid, seen timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp
AS $$ UPDATE sessions SET last_seen_at = seen WHERE session_id = session AND last_seen_at < seen $$;
