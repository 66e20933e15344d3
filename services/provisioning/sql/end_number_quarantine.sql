UPDATE provisioning.twilio_number_pool SET status = 'AVAILABLE', client_id = NULL, reserved_at = NULL, assigned_at = NULL, updated_at = $2
WHERE status = 'RESERVED' AND reserved_at <= $1
RETURNING phone_e164
