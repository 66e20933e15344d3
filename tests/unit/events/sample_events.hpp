// One filled sample of each event: every field differs from its default.
#pragma once
#include "events/events.hpp"

namespace carillon::testing {

inline const UtcTime sample_time = from_unix_micros(1'769'903'999'000'001);

template <class T>
T sample();

template <>
inline events::SendRequest sample() {
  return {.message_id = "019c1699-7f98-7000-8000-000000000001",
          .source = "billing-ingest",
          .idempotency_key = "evt_1:PAYMENT_FAILED",
          .template_key = "PAYMENT_FAILED",
          .template_version = 3,
          .client_id = "c-17",
          .recipient = "ann@example.com",
          .variables = {R"({"items":[{"name":"Ünïcode \"bell\" 🔔\n"},1.5,true,null,[]]})"},
          .sealed = "c2VhbGVk",
          .priority = events::Priority::BULK,
          .locale = "en-GB",
          .min_client_version = 9'007'199'254'740'993,  // beyond what a double holds
          .expires_at = sample_time,
          .accepted_at = sample_time,
          .context = events::Context{.requested_by = "billing-ingest", .reason = "invoice.payment_failed"},
          .attachments = {"019c1699-7f98-7000-8000-0000000000a1", "019c1699-7f98-7000-8000-0000000000a2"}};
}

template <>
inline events::SealedContent sample() {
  return {.recipient = "+447700900123",
          .variables = {R"({"code":"123456"})"},
          .subject = "Your code",
          .text = "123456",
          .html = "<b>123456</b>"};
}

template <>
inline events::Dispatch sample() {
  return {.message_id = "019c1699-7f98-7000-8000-000000000001",
          .client_id = "c-17",
          .template_key = "PAYMENT_FAILED",
          .template_version = 3,
          .channel = events::Channel::SMS,
          .priority = events::Priority::CRITICAL,
          .unconfirmed_policy = events::UnconfirmedPolicy::HOLD,
          .recipient = "+447700900123",
          .recipient_hash = "5f1d",
          .subject = "Payment failed",
          .text = "Line one\r\nLine \"two\"\t\\ \x01 \x7F",
          .html = "<p title='x'>☎</p>",
          .sealed = "c2VhbGVk",
          .from_number = "+12025550123",
          .sms_segments = 2,
          .rate_window_taken = true,
          .source = "billing-ingest",
          .accepted_at = sample_time,
          .expires_at = sample_time,
          .unsubscribe_url = "https://mail.example.com/unsubscribe/AQ",
          .attachments = {{.attachment_id = "019c1699-7f98-7000-8000-0000000000a1",
                           .file_name = "Rechnung März.pdf",
                           .content_type = "application/pdf",
                           .bytes = 7,
                           .sha256 = "ab12"}}};
}

template <>
inline events::MessageEvent sample() {
  return {.message_id = "019c1699-7f98-7000-8000-000000000001",
          .status = events::Status::UNDELIVERED,
          .occurred_at = sample_time,
          .template_key = "PAYMENT_FAILED",
          .template_version = 3,
          .channel = events::Channel::EMAIL,
          .priority = events::Priority::NORMAL,
          .client_id = "c-17",
          .recipient_masked = "a***@example.com",
          .recipient_hash = "5f1d",
          .recipient = "ann@example.com",
          .provider = "postmark",
          .provider_message_id = "pm-1",
          .attempt = 4,
          .round = 2,
          .reason = "MAILBOX_FULL",
          .provider_code = "552",
          .detail = "mailbox full",
          .latency_ms = 123,
          .sms_segments = 1,
          .extra_call = true,
          .source = "billing-ingest",
          .accepted_at = sample_time,
          .next_attempt_at = sample_time};
}

template <>
inline events::AuditEvent sample() {
  return {.event_id = "019c1699-7f98-7000-8000-000000000002",
          .occurred_at = sample_time,
          .action = "TEMPLATE_ACTIVATED",
          .actor = "admin-1",
          .subject_kind = "template",
          .subject_id = "PAYMENT_FAILED",
          .client_id = "c-17",
          .outcome = "OK",
          .reason = "ROLLBACK",
          .details = {{"from", "2"}, {"to", "3"}}};
}

template <>
inline events::ClientState sample() {
  return {.client_id = "c-17",
          .version = 12,
          .onboarding_status = "PROVISIONED",
          .plan = "PRO",
          .subscription_status = "active",
          .entitlements = {{.feature_key = "sms_reminders", .granted = true, .expires_at = sample_time},
                           {.feature_key = "reports"}},
          .contacts = events::Contacts{.email = "ann@example.com",
                                       .phone = "+447700900123",
                                       .billing_email = "pay@example.com",
                                       .slack_webhook = "https://hooks.slack.com/services/T0/B0/x"},
          .sms_enabled = true,
          .business_name = "Ann's Bells",
          .owner_name = "Ann",
          .twilio_number = "+12025550123",
          .time_zone = "Europe/London",
          .locale = "en-GB",
          .deleted = true};
}

template <>
inline events::ProviderState sample() {
  return {.provider = "twilio",
          .channel = events::Channel::SMS,
          .version = 5,
          .channel_enabled = true,
          .configured = true,
          .position = -1,
          .breaker = "OPEN",
          .consecutive_failures = 5,
          .last_error = "HTTP 500",
          .observed_at = sample_time};
}

template <>
inline events::Feedback sample() {
  return {.message_id = "019c1699-7f98-7000-8000-000000000001",
          .kind = events::FeedbackKind::SUPPRESS,
          .template_key = "PAYMENT_FAILED",
          .channel = events::Channel::EMAIL,
          .client_id = "c-17",
          .recipient_hash = "5f1d",
          .reason = "HARD_BOUNCE",
          .occurred_at = sample_time};
}

template <>
inline events::BillingEvent sample() {
  return {.client_id = "c-17",
          .version = 3,
          .kind = events::BillingKind::SUBSCRIPTION_UPDATED,
          .event_id = "evt_1",
          .customer_id = "cus_1",
          .subscription_id = "sub_1",
          .plan = "PRO",
          .subscription_status = "past_due",
          .email = "pay@example.com",
          .name = "Ann",
          .occurred_at = sample_time,
          .current_period_end = sample_time};
}

template <>
inline events::MetricsSnapshot sample() {
  return {.psi_vendor = 0.2001,
          .psi_amount = 0.0,  // said, and zero
          .fallback_active = false,
          .spend = 52.1,
          .budget = 50.0,
          .currency = "USD",
          .je_imbalance_count = 0,
          .export_id = "exp-2026-11-30",
          .posted_count = 118,
          .skipped_count = 4,
          .vendor = "Example Supplies Ltd",
          .consistent_labels = 3,
          .observed_at = sample_time};
}

template <>
inline events::TenantMetrics sample() {
  return {.tenant_id = "c-17",
          .snapshot_id = "019c1699-7f98-7000-8000-000000000002",
          .source = "api:books",
          .accepted_at = sample_time,
          .metrics = sample<events::MetricsSnapshot>()};
}

}  // namespace carillon::testing
