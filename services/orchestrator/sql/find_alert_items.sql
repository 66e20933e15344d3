SELECT asked.tenant_id, asked.type, asked.item
FROM unnest($1::text[], $2::text[], $3::text[]) AS asked (tenant_id, type, item)
WHERE EXISTS (SELECT FROM orchestrator.tenant_alert_items i
              WHERE i.tenant_id = asked.tenant_id AND i.type = asked.type AND i.item = asked.item OFFSET 0)
