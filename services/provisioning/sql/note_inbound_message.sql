INSERT INTO provisioning.inbound_messages (sid, kind, sender_hash, client_id, outcome, received_at, body_mac)
VALUES ($1, $2, $3, '', '', $4, $5::bytea)
ON CONFLICT (sid) DO NOTHING
RETURNING sid
