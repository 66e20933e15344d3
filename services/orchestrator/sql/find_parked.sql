SELECT message_id, client_id, min_client_version, park_until <= $1::timestamptz AS due
FROM orchestrator.parked_requests ORDER BY park_until, message_id LIMIT $2::integer
