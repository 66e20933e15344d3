SELECT i.tenant_id, i.type, i.item FROM orchestrator.tenant_alert_items i
JOIN unnest($1::text[], $2::text[], $3::text[]) AS asked (tenant_id, type, item)
  ON i.tenant_id = asked.tenant_id AND i.type = asked.type AND i.item = asked.item
