-- Of a message by the API that came with an Idempotency-Key: what it was, and what was answered.
ALTER TABLE inbound_messages
  ADD COLUMN body_mac bytea,
  ADD COLUMN reply text NOT NULL DEFAULT '',
  ADD COLUMN state text NOT NULL DEFAULT '';
