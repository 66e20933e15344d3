-- Where a tenant's alerts go and which it wants. The webhook's URL is a secret: sealed.
CREATE TABLE tenant_notifications (
  tenant_id text PRIMARY KEY,
  email text NOT NULL,                 -- '' = none
  slack_webhook_url text NOT NULL,     -- sealed with the context tenant_notifications/<tenant_id>; '' = none
  alerts_json jsonb NOT NULL,          -- {"psi_alert": true, ...}; what is missing is off
  updated_at timestamptz NOT NULL,
  updated_by text NOT NULL             -- account:<id> or api:<owner of the key>
);

-- Every try of an alert on a channel: one row a message.
CREATE TABLE notification_log (
  message_id uuid PRIMARY KEY,
  tenant_id text NOT NULL,
  channel text NOT NULL,
  type text NOT NULL,                  -- of the alert, or 'test'
  payload_json jsonb NOT NULL,         -- what was to be told; no address, no webhook
  state text NOT NULL CHECK (state IN ('PENDING', 'SENT', 'DRY_RUN', 'BLOCKED', 'FAILED')),
  sent boolean NOT NULL GENERATED ALWAYS AS (state = 'SENT') STORED,
  error_message text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL
);
CREATE INDEX notification_log_type ON notification_log (tenant_id, type, created_at);
CREATE INDEX notification_log_tenant ON notification_log (tenant_id, created_at, message_id);
CREATE INDEX notification_log_age ON notification_log USING brin (created_at);

-- Levels: whether the tenant was told that one is up.
CREATE TABLE tenant_alert_levels (
  tenant_id text NOT NULL,
  type text NOT NULL,
  raised boolean NOT NULL,
  observed_at timestamptz NOT NULL,    -- of the snapshot that changed it
  PRIMARY KEY (tenant_id, type)
);
-- Exports and vendors that were told, or that came while their alert was off.
CREATE TABLE tenant_alert_items (
  tenant_id text NOT NULL,
  type text NOT NULL,
  item text NOT NULL,
  told_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, type, item)
);
CREATE INDEX tenant_alert_items_age ON tenant_alert_items USING brin (told_at);
