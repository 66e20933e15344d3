-- Clients that are paid again, or back, and whose number the pool still keeps for them.
INSERT INTO provisioning.number_waiting (client_id, since)
SELECT c.id, $1 FROM provisioning.twilio_number_pool p JOIN provisioning.clients c ON c.id = p.client_id
WHERE c.payment_active AND NOT c.deleted AND c.twilio_number = ''
ON CONFLICT (client_id) DO NOTHING
