SELECT count(*) FROM provisioning.inbound_messages WHERE sender_hash = $1 AND received_at > $2
