-- Clients that wait for a number, the longest first.
SELECT client_id FROM provisioning.number_waiting ORDER BY since, client_id LIMIT $1
