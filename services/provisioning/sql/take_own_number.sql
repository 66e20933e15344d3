-- The one kept for the client, or that is still noted as its own.
UPDATE provisioning.twilio_number_pool SET status = 'ASSIGNED', reserved_at = NULL, assigned_at = $2, updated_at = $2
WHERE client_id = $1
RETURNING phone_e164
