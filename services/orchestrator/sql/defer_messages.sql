INSERT INTO orchestrator.notification_retry_queue (message_id, channel, priority, turn, fair_key, client_id, dispatch, traceparent, expires_at, recipient_hash, deferred_at)
SELECT r.message_id, $1::text, r.priority, r.turn, r.fair_key, r.client_id, r.dispatch, r.traceparent, r.expires_at, r.recipient_hash, $2::timestamptz
FROM unnest($3::uuid[], $4::smallint[], $5::bigint[], $6::text[], $7::text[], $8::bytea[], $9::text[], $10::timestamptz[], $11::text[])
  WITH ORDINALITY AS r (message_id, priority, turn, fair_key, client_id, dispatch, traceparent, expires_at, recipient_hash, ordinal)
ORDER BY ordinal
ON CONFLICT (message_id) DO NOTHING
