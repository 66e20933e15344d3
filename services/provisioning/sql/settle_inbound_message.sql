-- $4: the sid it keeps, another one where its key may come again.
UPDATE provisioning.inbound_messages SET client_id = $2, outcome = $3, sid = $4, reply = $5, state = $6 WHERE sid = $1
