-- Whoever comes at the same moment takes the next one instead of waiting.
UPDATE provisioning.twilio_number_pool SET status = 'ASSIGNED', client_id = $1, assigned_at = $2, updated_at = $2
WHERE phone_e164 = (
  SELECT p.phone_e164 FROM provisioning.twilio_number_pool p
  WHERE p.status = 'AVAILABLE'
    AND NOT EXISTS (SELECT FROM provisioning.clients c WHERE c.twilio_number = p.phone_e164 AND c.twilio_number <> '' AND NOT c.deleted)
  ORDER BY p.created_at, p.phone_e164 LIMIT 1
  FOR UPDATE OF p SKIP LOCKED)
RETURNING phone_e164
