SELECT * FROM provisioning.clients
WHERE deleted = $1::boolean
  AND ($2::text IS NULL OR plan = $2)
  AND ($3::text IS NULL OR onboarding_status = $3)
  AND ($4::text IS NULL OR subscription_status = $4)
  AND ($5::boolean IS NULL OR payment_active = $5)
  AND ($6::text IS NULL OR lower(email) = lower($6))
  AND ($7::timestamptz IS NULL OR (created_at, id) < ($7::timestamptz, $8::text))
ORDER BY created_at DESC, id DESC
LIMIT $9::integer
