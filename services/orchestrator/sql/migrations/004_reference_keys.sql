-- Which keys have made references of recipients, by fingerprint, and when: who was noted under a key that is no longer
-- there is not found any more.
CREATE TABLE reference_keys (
  key_id text PRIMARY KEY,
  first_used_at timestamptz NOT NULL,
  last_used_at timestamptz NOT NULL
);
