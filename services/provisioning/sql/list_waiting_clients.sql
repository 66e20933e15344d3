SELECT w.client_id, w.since, c.business_name, c.owner_phone, c.onboarding_state, c.payment_active
FROM provisioning.number_waiting w JOIN provisioning.clients c ON c.id = w.client_id AND NOT c.deleted
ORDER BY w.since, w.client_id LIMIT $1
