-- What people decide about, oldest first; rows of the success path are never in it.
CREATE INDEX pending_held ON pending (due_at, message_id) WHERE state = 2;

-- Which call a provider's id belongs to, of providers whose receipts may come without the metadata we gave with the call.
CREATE TABLE sent_calls (
  provider            text NOT NULL,
  provider_message_id text NOT NULL,
  message_id          uuid NOT NULL,
  attempt             integer NOT NULL,
  sent_at             timestamptz NOT NULL,
  PRIMARY KEY (provider, provider_message_id)
);
CREATE INDEX sent_calls_age ON sent_calls (sent_at);

-- Receipts that name a provider's id which no call is known for yet: they came before the outcome, or are somebody else's.
-- kind and suppress are the numbers of ReceiptKind and SuppressReason.
CREATE TABLE unmatched_receipts (
  provider            text NOT NULL,
  provider_message_id text NOT NULL,
  kind                smallint NOT NULL,
  suppress            smallint NOT NULL,
  recipient_hash      text NOT NULL,
  reason              text NOT NULL,
  provider_code       text NOT NULL,
  detail              text NOT NULL,
  occurred_at         timestamptz NOT NULL,
  received_at         timestamptz NOT NULL,
  PRIMARY KEY (provider, provider_message_id, kind)
);
CREATE INDEX unmatched_receipts_age ON unmatched_receipts (received_at);

-- Receipts of messages whose call had no outcome yet when they came: should the call stay unconfirmed, they resolve it.
CREATE TABLE early_receipts (
  message_id          uuid NOT NULL,
  attempt             integer NOT NULL,
  kind                smallint NOT NULL,
  provider            text NOT NULL,
  provider_message_id text NOT NULL,
  occurred_at         timestamptz NOT NULL,
  PRIMARY KEY (message_id, attempt, kind)
);

-- Failed deliveries, complaints and unsubscribed recipients that were reported already: a repeated receipt has no effect.
CREATE TABLE noted_receipts (
  message_id uuid NOT NULL,
  attempt    integer NOT NULL,
  kind       smallint NOT NULL,
  noted_at   timestamptz NOT NULL,
  PRIMARY KEY (message_id, attempt, kind)
);
CREATE INDEX noted_receipts_age ON noted_receipts (noted_at);

-- Per provider and minute: calls it accepted, receipts that came.
CREATE TABLE receipt_minutes (
  provider text NOT NULL,
  minute   timestamptz NOT NULL,
  accepted bigint NOT NULL,
  receipts bigint NOT NULL,
  PRIMARY KEY (provider, minute)
) WITH (fillfactor = 50);

-- Providers whose receipts stay away.
CREATE TABLE receipts_missing (provider text PRIMARY KEY, since timestamptz NOT NULL);

-- When administrators were last asked to decide about held messages, and up to which they have been asked.
CREATE TABLE held_reminder (
  one        boolean PRIMARY KEY DEFAULT true CHECK (one),
  asked_at   timestamptz NOT NULL,
  held_up_to timestamptz NOT NULL
);
INSERT INTO held_reminder (asked_at, held_up_to) VALUES ('-infinity', '-infinity');
