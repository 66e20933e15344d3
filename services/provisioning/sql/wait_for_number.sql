INSERT INTO provisioning.number_waiting (client_id, since) VALUES ($1, $2) ON CONFLICT (client_id) DO NOTHING
