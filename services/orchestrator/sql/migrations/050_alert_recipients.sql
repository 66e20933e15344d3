-- To whom a tenant's alerts go by e-mail, as a reference, so that the address is found when its owner is to be
-- forgotten. '': there is none, or it was saved before there was this column and the service has not started since.
ALTER TABLE tenant_notifications ADD COLUMN email_hash text NOT NULL DEFAULT '';
CREATE INDEX tenant_notifications_recipient ON tenant_notifications (email_hash) WHERE email_hash <> '';

-- When an alert was handed to delivery. NULL: it was not, or that was before there was this column.
ALTER TABLE notification_log ADD COLUMN sent_at timestamptz;
CREATE INDEX notification_log_pending ON notification_log (tenant_id, type) WHERE state = 'PENDING';
CREATE INDEX notification_log_sent ON notification_log (tenant_id, type, (coalesce(sent_at, created_at))) WHERE state = 'SENT';
