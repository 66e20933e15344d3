-- Of a client's onboarding conversation what its row of clients does not hold.
CREATE TABLE onboarding_conversations (
  client_id text PRIMARY KEY REFERENCES clients (id),
  refused_answer text NOT NULL,            -- what a gate has refused last, and READY gives again
  is_new_client boolean NOT NULL,          -- its first message made the client
  began_at timestamptz NOT NULL,
  last_message_at timestamptz NOT NULL
);
CREATE INDEX onboarding_conversations_new ON onboarding_conversations (began_at) WHERE is_new_client;

-- Messages and calls that came in, each once; without their text. Dropped after a while.
CREATE TABLE inbound_messages (
  sid text PRIMARY KEY,                    -- Twilio's MessageSid or CallSid; an id of our own where the API was asked
  kind text NOT NULL CHECK (kind IN ('SMS', 'CALL', 'API')),
  sender_hash text NOT NULL,               -- HMAC reference of the sender
  client_id text NOT NULL,                 -- '': nobody's
  outcome text NOT NULL,
  received_at timestamptz NOT NULL
);
CREATE INDEX inbound_messages_sender ON inbound_messages (sender_hash, received_at);
CREATE INDEX inbound_messages_old ON inbound_messages (received_at);
