SELECT p.phone_e164, p.client_id, p.assigned_at, c.business_name
FROM provisioning.twilio_number_pool p JOIN provisioning.clients c ON c.id = p.client_id
WHERE p.status = 'ASSIGNED' ORDER BY p.assigned_at DESC, p.phone_e164 LIMIT $1
