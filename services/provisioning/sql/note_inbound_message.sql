INSERT INTO provisioning.inbound_messages (sid, kind, sender_hash, client_id, outcome, received_at)
VALUES ($1, $2, $3, '', '', $4)
ON CONFLICT (sid) DO NOTHING
RETURNING sid
