SELECT client_id, reply, state, body_mac FROM provisioning.inbound_messages WHERE sid = $1
