DELETE FROM provisioning.inbound_messages WHERE sid IN (SELECT sid FROM provisioning.inbound_messages WHERE received_at < $1 LIMIT $2)
