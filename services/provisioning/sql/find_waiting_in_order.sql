-- Clients that wait for a number, the longest first: those whose own the pool keeps ($2 at most), which need none that is
-- available, and then as many as there are ($1).
(SELECT w.client_id, 1 AS place, w.since FROM provisioning.number_waiting w
 WHERE EXISTS (SELECT FROM provisioning.twilio_number_pool p WHERE p.client_id = w.client_id)
 ORDER BY w.since, w.client_id LIMIT $2)
UNION ALL
(SELECT w.client_id, 2, w.since FROM provisioning.number_waiting w
 WHERE NOT EXISTS (SELECT FROM provisioning.twilio_number_pool p WHERE p.client_id = w.client_id)
 ORDER BY w.since, w.client_id LIMIT $1)
ORDER BY place, since, client_id
