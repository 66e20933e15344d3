-- One that is a client's already without having come from the pool is left out.
INSERT INTO provisioning.twilio_number_pool (phone_e164, status, created_at, updated_at)
SELECT n.phone_e164, 'AVAILABLE', $2, $2 FROM unnest($1::text[]) AS n (phone_e164)
WHERE NOT EXISTS (SELECT FROM provisioning.clients c WHERE c.twilio_number = n.phone_e164 AND c.twilio_number <> '' AND NOT c.deleted)
ON CONFLICT (phone_e164) DO NOTHING
RETURNING phone_e164
