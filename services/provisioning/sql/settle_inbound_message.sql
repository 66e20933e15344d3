UPDATE provisioning.inbound_messages SET client_id = $2, outcome = $3 WHERE sid = $1
