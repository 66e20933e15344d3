-- What the message log is searched by. Each index costs a write for each of its rows, so each holds about one row of a
-- message: the orchestrator's (attempt 0), which has all facts, or the call's. Keys begin with what is searched for and
-- go on with the message, so pages and cursors are ranges of them, and new rows of a client, template or provider lie
-- side by side. Figures: docs/adr/0011-message-log-indexes.md.
CREATE INDEX message_log_client ON message_log (client_id, message_id) WHERE attempt = 0 AND client_id <> '';
CREATE INDEX message_log_template ON message_log (template_key, message_id) WHERE attempt = 0;
-- Half of the reference tells recipients apart nearly always, at half the size; erasure looks here too.
CREATE INDEX message_log_recipient ON message_log (left(recipient_hash, 16), message_id)
  WHERE attempt = 0 AND recipient_hash <> '';
-- Receipts that say DELIVERED (22) add nothing: their message has a row of the call.
CREATE INDEX message_log_provider ON message_log (provider, message_id) WHERE provider <> '' AND status <> 22;
