INSERT INTO provisioning.clients (
  id, onboarding_status, onboarding_state, plan, subscription_status, business_name, business_type, location, owner_name, owner_phone,
  notification_preference, phone_type, twilio_number, email, phone, billing_email, slack_webhook, time_zone, locale, stripe_customer_id, stripe_subscription_id,
  entitlements, version, billing_version, payment_active, sms_enabled, deleted, created_at, updated_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
            $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[], $20::text[], $21::text[],
            $22::jsonb[], $23::bigint[], $24::bigint[], $25::boolean[], $26::boolean[], $27::boolean[], $28::timestamptz[], $29::timestamptz[])
ON CONFLICT DO NOTHING
RETURNING id
