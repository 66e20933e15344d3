INSERT INTO orchestrator.notification_log (message_id, tenant_id, channel, type, payload_json, state, created_at)
SELECT message_id, tenant_id, channel, type, payload_json, 'PENDING', $6::timestamptz
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::jsonb[]) AS n (message_id, tenant_id, channel, type, payload_json)
