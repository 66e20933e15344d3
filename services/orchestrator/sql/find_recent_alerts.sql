-- What counts for the debounce: what was sent since $3, and what is on its way, however long already, as if it were sent
-- right now ($4). What failed or was blocked does not.
SELECT tenant_id, type, max(counts_from) FROM (
  SELECT tenant_id, type, $4::timestamptz AS counts_from FROM orchestrator.notification_log
  WHERE tenant_id = ANY ($1::text[]) AND type = ANY ($2::text[]) AND state = 'PENDING'
  UNION ALL
  SELECT tenant_id, type, coalesce(sent_at, created_at) FROM orchestrator.notification_log
  WHERE tenant_id = ANY ($1::text[]) AND type = ANY ($2::text[]) AND state = 'SENT' AND coalesce(sent_at, created_at) > $3::timestamptz
) AS counted GROUP BY tenant_id, type
