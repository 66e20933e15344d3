-- All status events of some messages.
SELECT message_id, status, attempt, occurred_at, template_key, template_version, channel, priority, client_id,
       recipient_masked, recipient_hash, recipient, provider, provider_message_id, round, reason, provider_code, detail,
       latency_ms, sms_segments, extra_call, source, accepted_at, next_attempt_at, metadata
FROM health.message_log WHERE message_id = ANY ($1::uuid[])
