-- Who asked for it: feedback (a provider's receipt), or api:<owner of the key>.
ALTER TABLE suppressions ADD COLUMN source text NOT NULL DEFAULT 'feedback';
CREATE INDEX suppressions_newest ON suppressions (created_at, channel, recipient_hash);

-- What recipients have unsubscribed from: messages of a category whose template is unsubscribable, '*' = of every one.
-- Other messages still reach them.
CREATE TABLE unsubscribes (
  channel text NOT NULL,
  recipient_hash text NOT NULL,
  category text NOT NULL,
  reason text NOT NULL,
  message_id text NOT NULL DEFAULT '',
  source text NOT NULL,                -- link, or feedback
  created_at timestamptz NOT NULL,
  PRIMARY KEY (channel, recipient_hash, category)
);
CREATE INDEX unsubscribes_newest ON unsubscribes (created_at, channel, recipient_hash);
