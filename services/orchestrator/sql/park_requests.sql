INSERT INTO orchestrator.parked_requests (message_id, client_id, min_client_version, park_until, request, traceparent)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::timestamptz[], $5::bytea[], $6::text[])
ON CONFLICT (message_id) DO NOTHING
