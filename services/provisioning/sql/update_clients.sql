UPDATE provisioning.clients AS c SET
  onboarding_status = n.onboarding_status, onboarding_state = n.onboarding_state, plan = n.plan, subscription_status = n.subscription_status,
  business_name = n.business_name, business_type = n.business_type, location = n.location, owner_name = n.owner_name, owner_phone = n.owner_phone,
  notification_preference = n.notification_preference, phone_type = n.phone_type, twilio_number = n.twilio_number, email = n.email, phone = n.phone,
  billing_email = n.billing_email, slack_webhook = n.slack_webhook, time_zone = n.time_zone, locale = n.locale,
  stripe_customer_id = n.stripe_customer_id, stripe_subscription_id = n.stripe_subscription_id, entitlements = n.entitlements, version = n.version,
  billing_version = n.billing_version, payment_active = n.payment_active, sms_enabled = n.sms_enabled, deleted = n.deleted, updated_at = n.updated_at
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
            $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[], $20::text[], $21::text[],
            $22::jsonb[], $23::bigint[], $24::bigint[], $25::boolean[], $26::boolean[], $27::boolean[], $28::timestamptz[], $29::timestamptz[])
  AS n (id, onboarding_status, onboarding_state, plan, subscription_status, business_name, business_type, location, owner_name, owner_phone,
  notification_preference, phone_type, twilio_number, email, phone, billing_email, slack_webhook, time_zone, locale, stripe_customer_id, stripe_subscription_id,
  entitlements, version, billing_version, payment_active, sms_enabled, deleted, created_at, updated_at)
WHERE c.id = n.id AND c.version = n.version - 1
