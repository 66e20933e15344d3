INSERT INTO health.erasures (erasure_id, recipient_hashes, requested_at, due_at) VALUES ($1, $2::text[], $3, $3)
