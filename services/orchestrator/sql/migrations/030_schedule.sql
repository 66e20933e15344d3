-- Messages that wait for their time: send_at, or the end of quiet hours. The request rests as it came, sealed where its
-- content is sensitive, and is decided anew when it is due.
CREATE TABLE scheduled_messages (
  message_id uuid PRIMARY KEY,
  due_at timestamptz NOT NULL,
  priority smallint NOT NULL,
  turn bigint NOT NULL,                -- round-robin over fair_key among those due at one moment
  fair_key text NOT NULL,
  request_id uuid NOT NULL,            -- the request's first message
  place integer NOT NULL,              -- which of the request's messages this is
  source text NOT NULL,
  request bytea NOT NULL,
  traceparent text NOT NULL
);
CREATE INDEX scheduled_messages_due ON scheduled_messages (priority, due_at, turn, message_id);
CREATE INDEX scheduled_messages_last_turn ON scheduled_messages (fair_key, due_at, turn);

-- Who was cancelled, so that cancelling again says so; dropped by age.
CREATE TABLE cancelled_messages (
  message_id uuid PRIMARY KEY,
  source text NOT NULL,
  cancelled_at timestamptz NOT NULL
);
