CREATE TABLE api_keys (
  id text PRIMARY KEY,
  owner text NOT NULL,
  secret_sha256 bytea NOT NULL,
  scopes text[] NOT NULL,
  created_at timestamptz NOT NULL,
  revoked_at timestamptz
);

-- Every service checks keys itself. Only hashes of 256-bit random secrets are here, so reading them opens nothing.
GRANT USAGE ON SCHEMA identity TO PUBLIC;
GRANT SELECT ON api_keys TO PUBLIC;
