-- Clients whose subscription has ended, or that are gone, with a number still theirs.
SELECT p.client_id FROM provisioning.twilio_number_pool p JOIN provisioning.clients c ON c.id = p.client_id
WHERE p.status = 'ASSIGNED' AND (c.deleted OR (NOT c.payment_active AND c.subscription_status = 'canceled'))
ORDER BY p.client_id LIMIT $1
