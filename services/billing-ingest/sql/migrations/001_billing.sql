-- Every event that Stripe has sent and signed, once. Stored before Stripe gets its 200, decided afterwards.
CREATE TABLE billing_events (
  event_id        text PRIMARY KEY,
  type            text NOT NULL,
  created_at      timestamptz NOT NULL,         -- when Stripe made it
  rank            smallint NOT NULL,            -- order among events of one second
  received_at     timestamptz NOT NULL,
  payload         text NOT NULL,                -- as it came
  status          text NOT NULL DEFAULT 'PENDING'
                  CHECK (status IN ('PENDING', 'APPLIED', 'STALE', 'IGNORED', 'REFUSED', 'DEAD')),
  reason          text NOT NULL DEFAULT '',
  attempts        integer NOT NULL DEFAULT 0,   -- that failed
  due_at          timestamptz NOT NULL,
  decided_at      timestamptz,
  client_id       text NOT NULL DEFAULT '',
  customer_id     text NOT NULL DEFAULT '',
  subscription_id text NOT NULL DEFAULT '',
  reported_at     timestamptz                   -- when STRIPE_WEBHOOK_FAILURE_ADMIN was asked for
) WITH (fillfactor = 80);
CREATE INDEX pending_events ON billing_events (created_at, rank, event_id) WHERE status = 'PENDING';
CREATE INDEX due_events ON billing_events (due_at) WHERE status = 'PENDING';
CREATE INDEX listed_events ON billing_events (status, received_at DESC, event_id DESC);
CREATE INDEX received_events ON billing_events (received_at DESC, event_id DESC);
-- What a later checkout may tell the owner of.
CREATE INDEX ownerless_customers ON billing_events (customer_id) WHERE status = 'REFUSED' AND reason = 'UNKNOWN_CUSTOMER';
CREATE INDEX ownerless_subscriptions ON billing_events (subscription_id) WHERE status = 'REFUSED' AND reason = 'UNKNOWN_CUSTOMER';

CREATE TABLE billing_subscriptions (
  subscription_id   text PRIMARY KEY,
  client_id         text NOT NULL,
  customer_id       text NOT NULL,
  status            text NOT NULL,
  plan              text NOT NULL,
  email             text NOT NULL,              -- whom Stripe bills
  name              text NOT NULL,
  period_end        timestamptz,
  told_at           timestamptz NOT NULL,       -- the event that the status is from
  told_rank         smallint NOT NULL,
  awaited_status    text NOT NULL,
  checkout_paid     boolean NOT NULL,
  first_period_open boolean NOT NULL,
  confirmed         text NOT NULL,              -- names of periods, separated by blanks
  began_at          timestamptz NOT NULL,
  changed_at        timestamptz NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX client_subscriptions ON billing_subscriptions (client_id);
CREATE INDEX customer_subscriptions ON billing_subscriptions (customer_id);

-- How many billing events were published about a client.
CREATE TABLE billing_clients (client_id text PRIMARY KEY, version bigint NOT NULL);
