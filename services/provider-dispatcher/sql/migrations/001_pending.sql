CREATE TABLE bus_offsets (consumer text NOT NULL, topic text NOT NULL, partition integer NOT NULL, next_seq bigint NOT NULL, PRIMARY KEY (consumer, topic, partition));

-- Messages between their dispatch record and their final outcome. On the success path a message costs one INSERT
-- (already claimed) and one DELETE.
CREATE TABLE pending (
  message_id  uuid PRIMARY KEY,
  due_at      timestamptz NOT NULL,
  expires_at  timestamptz,
  claimed_at  timestamptz,
  created_at  timestamptz NOT NULL,
  claimed_by  bigint,              -- the instance whose session lock guards the claim
  claim       bigint,              -- that instance's number of the claim; with claimed_by it names one claim for ever
  round       integer NOT NULL,    -- 1 is the first walk along the chain
  attempt     integer NOT NULL,    -- calls begun so far
  priority    smallint NOT NULL CHECK (priority BETWEEN 1 AND 3),
  state       smallint NOT NULL CHECK (state BETWEEN 0 AND 2),  -- 0 WAITING, 1 CLAIMED, 2 HELD
  extra_call  boolean NOT NULL,    -- an earlier call of this message has stayed UNCONFIRMED
  channel     text NOT NULL,
  provider    text NOT NULL,       -- aimed at
  tried       text[] NOT NULL,     -- providers tried in this round
  traceparent text NOT NULL,
  payload     text NOT NULL,       -- the Dispatch event as it came, sealed where the template is sensitive
  CHECK ((state = 1) = (claimed_by IS NOT NULL AND claim IS NOT NULL))
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 5000,
        autovacuum_vacuum_insert_threshold = -1, autovacuum_vacuum_cost_delay = 0, vacuum_truncate = false, toast_tuple_target = 256);
-- A rendered message is two kilobytes of text: compressed in its row it costs half the writes.
ALTER TABLE pending ALTER payload SET STORAGE MAIN, ALTER payload SET COMPRESSION lz4;

CREATE INDEX pending_waiting ON pending (provider, priority, due_at, message_id) WHERE state = 0;
CREATE INDEX pending_waiting_expiry ON pending (expires_at) WHERE state = 0 AND expires_at IS NOT NULL;

-- Instances that may own claims. One that is alive holds the session advisory lock of its number.
CREATE TABLE instances (instance bigint PRIMARY KEY, started_at timestamptz NOT NULL);
