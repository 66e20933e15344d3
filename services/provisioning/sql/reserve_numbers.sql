UPDATE provisioning.twilio_number_pool SET status = 'RESERVED', reserved_at = $2, updated_at = $2
WHERE client_id = ANY ($1::text[]) AND status = 'ASSIGNED'
RETURNING client_id, phone_e164
