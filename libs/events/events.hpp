// The events, as structs of proto/*.proto: same fields in the same order, same enum names and numbers (a test compares
// them with the compiled descriptors). What each field means is said in the .proto files.
#pragma once
#include <boost/describe.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "events/json.hpp"
#include "time/utc_time.hpp"

namespace carillon::events {

BOOST_DEFINE_ENUM_CLASS(Channel, CHANNEL_UNSPECIFIED, EMAIL, SMS, SLACK)
BOOST_DEFINE_ENUM_CLASS(Priority, PRIORITY_UNSPECIFIED, CRITICAL, NORMAL, BULK)
BOOST_DEFINE_ENUM_CLASS(Audience, AUDIENCE_UNSPECIFIED, CLIENT, ADMIN, OPS)
BOOST_DEFINE_ENUM_CLASS(UnconfirmedPolicy, POLICY_UNSPECIFIED, RESEND, HOLD)

// Send states first, by rank; delivery states after DELIVERED. See docs/state-machines.md.
BOOST_DEFINE_ENUM_CLASS(Status, STATUS_UNSPECIFIED, BLOCKED_INVALID_REQUEST, BLOCKED_TEMPLATE_NOT_FOUND,
                        BLOCKED_TEMPLATE_INACTIVE, BLOCKED_CLIENT_NOT_FOUND, BLOCKED_PROVISIONING_INCOMPLETE,
                        BLOCKED_SUBSCRIPTION_INACTIVE, BLOCKED_PLAN, BLOCKED_PREFERENCE, BLOCKED_NO_RECIPIENT,
                        BLOCKED_SUPPRESSED, BLOCKED_PROVIDER_NOT_CONFIGURED, BLOCKED_RATE_LIMITED, QUEUED, SCHEDULED,
                        DEFERRED_THROTTLED, ATTEMPT_FAILED, UNCONFIRMED, SENT, FAILED, EXPIRED, CANCELLED, DELIVERED,
                        BOUNCED, COMPLAINED, UNDELIVERED)

struct Context {
  std::string requested_by;
  std::string reason;
  bool operator==(const Context&) const = default;
};
BOOST_DESCRIBE_STRUCT(Context, (), (requested_by, reason))

// notification.send-requests.v1
struct SendRequest {
  std::string message_id;
  std::string source;
  std::string idempotency_key;
  std::string template_key;
  std::int32_t template_version = 0;
  std::string client_id;
  std::string recipient;
  JsonObject variables;
  std::string sealed;
  Priority priority{};
  std::string locale;
  std::int64_t min_client_version = 0;
  std::optional<UtcTime> expires_at;
  std::optional<UtcTime> accepted_at;
  std::optional<Context> context;
  std::vector<std::string> attachments;
  std::map<std::string, std::string> metadata;
  bool operator==(const SendRequest&) const = default;
};
BOOST_DESCRIBE_STRUCT(SendRequest, (),
                      (message_id, source, idempotency_key, template_key, template_version, client_id, recipient,
                       variables, sealed, priority, locale, min_client_version, expires_at, accepted_at, context,
                       attachments, metadata))

// What a sensitive request, message or log entry hides: the plain text inside `sealed`.
struct SealedContent {
  std::string recipient;
  JsonObject variables;
  std::string subject;
  std::string text;
  std::string html;
  bool operator==(const SealedContent&) const = default;
};
BOOST_DESCRIBE_STRUCT(SealedContent, (), (recipient, variables, subject, text, html))

// A file of a message, by reference.
struct AttachmentRef {
  std::string attachment_id;
  std::string file_name;
  std::string content_type;
  std::int32_t bytes = 0;
  std::string sha256;
  bool operator==(const AttachmentRef&) const = default;
};
BOOST_DESCRIBE_STRUCT(AttachmentRef, (), (attachment_id, file_name, content_type, bytes, sha256))

// notification.dispatch.v1: a rendered message. Its key is message_id.
struct Dispatch {
  std::string message_id;
  std::string client_id;
  std::string template_key;
  std::int32_t template_version = 0;
  Channel channel{};
  Priority priority{};
  UnconfirmedPolicy unconfirmed_policy{};
  std::string recipient;
  std::string recipient_hash;
  std::string subject;
  std::string text;
  std::string html;
  std::string sealed;
  std::string from_number;
  std::int32_t sms_segments = 0;
  bool rate_window_taken = false;
  std::string source;
  std::optional<UtcTime> accepted_at;
  std::optional<UtcTime> expires_at;
  std::string unsubscribe_url;
  std::vector<AttachmentRef> attachments;
  bool operator==(const Dispatch&) const = default;
};
BOOST_DESCRIBE_STRUCT(Dispatch, (),
                      (message_id, client_id, template_key, template_version, channel, priority, unconfirmed_policy,
                       recipient, recipient_hash, subject, text, html, sealed, from_number, sms_segments,
                       rate_window_taken, source, accepted_at, expires_at, unsubscribe_url, attachments))

// notification.message-log.v1: one status a message entered. Its key is message_id.
struct MessageEvent {
  std::string message_id;
  Status status{};
  std::optional<UtcTime> occurred_at;
  std::string template_key;
  std::int32_t template_version = 0;
  Channel channel{};
  Priority priority{};
  std::string client_id;
  std::string recipient_masked;
  std::string recipient_hash;
  std::string recipient;
  std::string provider;
  std::string provider_message_id;
  std::int32_t attempt = 0;
  std::int32_t round = 0;
  std::string reason;
  std::string provider_code;
  std::string detail;
  std::int32_t latency_ms = 0;
  std::int32_t sms_segments = 0;
  bool extra_call = false;
  std::string source;
  std::optional<UtcTime> accepted_at;
  std::optional<UtcTime> next_attempt_at;
  std::map<std::string, std::string> metadata;
  bool operator==(const MessageEvent&) const = default;
};
BOOST_DESCRIBE_STRUCT(MessageEvent, (),
                      (message_id, status, occurred_at, template_key, template_version, channel, priority, client_id,
                       recipient_masked, recipient_hash, recipient, provider, provider_message_id, attempt, round,
                       reason, provider_code, detail, latency_ms, sms_segments, extra_call, source, accepted_at,
                       next_attempt_at, metadata))

// audit.v1: who did what to what, without personal data. Its key is subject_id.
struct AuditEvent {
  std::string event_id;
  std::optional<UtcTime> occurred_at;
  std::string action;
  std::string actor;
  std::string subject_kind;
  std::string subject_id;
  std::string client_id;
  std::string outcome;
  std::string reason;
  std::map<std::string, std::string> details;
  bool operator==(const AuditEvent&) const = default;
};
BOOST_DESCRIBE_STRUCT(AuditEvent, (),
                      (event_id, occurred_at, action, actor, subject_kind, subject_id, client_id, outcome, reason,
                       details))

struct Contacts {
  std::string email;
  std::string phone;
  std::string billing_email;
  std::string slack_webhook{};
  bool operator==(const Contacts&) const = default;
};
BOOST_DESCRIBE_STRUCT(Contacts, (), (email, phone, billing_email, slack_webhook))

struct Entitlement {
  std::string feature_key;
  bool granted = false;
  std::optional<UtcTime> expires_at;
  bool operator==(const Entitlement&) const = default;
};
BOOST_DESCRIBE_STRUCT(Entitlement, (), (feature_key, granted, expires_at))

// client.state.v1: the latest facts about a client. Its key is client_id.
struct ClientState {
  std::string client_id;
  std::int64_t version = 0;
  std::string onboarding_status;
  std::string plan;
  std::string subscription_status;
  std::vector<Entitlement> entitlements;
  std::optional<Contacts> contacts;
  bool sms_enabled = false;
  std::string business_name;
  std::string owner_name;
  std::string twilio_number;
  std::string time_zone;
  std::string locale;
  bool deleted = false;
  bool operator==(const ClientState&) const = default;
};
BOOST_DESCRIBE_STRUCT(ClientState, (),
                      (client_id, version, onboarding_status, plan, subscription_status, entitlements, contacts,
                       sms_enabled, business_name, owner_name, twilio_number, time_zone, locale, deleted))

// provider.state.v1: the latest about one provider. Its key is provider.
struct ProviderState {
  std::string provider;
  Channel channel{};
  std::int64_t version = 0;
  bool channel_enabled = false;
  bool configured = false;
  std::int32_t position = 0;
  std::string breaker;
  std::int32_t consecutive_failures = 0;
  std::string last_error;
  std::optional<UtcTime> observed_at;
  bool operator==(const ProviderState&) const = default;
};
BOOST_DESCRIBE_STRUCT(ProviderState, (),
                      (provider, channel, version, channel_enabled, configured, position, breaker, consecutive_failures,
                       last_error, observed_at))

// notification.feedback.v1: what the orchestrator must learn from delivery; nothing on success. Its key is message_id.
BOOST_DEFINE_ENUM_CLASS(FeedbackKind, FEEDBACK_UNSPECIFIED, FINAL_FAILURE, SUPPRESS)
struct Feedback {
  std::string message_id;
  FeedbackKind kind{};
  std::string template_key;
  Channel channel{};
  std::string client_id;
  std::string recipient_hash;
  std::string reason;
  std::optional<UtcTime> occurred_at;
  bool operator==(const Feedback&) const = default;
};
BOOST_DESCRIBE_STRUCT(Feedback, (),
                      (message_id, kind, template_key, channel, client_id, recipient_hash, reason, occurred_at))

// billing.events.v1: what verified Stripe events say about a subscription. Its key is client_id.
BOOST_DEFINE_ENUM_CLASS(BillingKind, BILLING_UNSPECIFIED, CHECKOUT_PAID, SUBSCRIPTION_UPDATED, SUBSCRIPTION_CANCELED)
struct BillingEvent {
  std::string client_id;
  std::int64_t version = 0;
  BillingKind kind{};
  std::string event_id;
  std::string customer_id;
  std::string subscription_id;
  std::string plan;
  std::string subscription_status;
  std::string email;
  std::string name;
  std::optional<UtcTime> occurred_at;
  std::optional<UtcTime> current_period_end;
  bool operator==(const BillingEvent&) const = default;
};
BOOST_DESCRIBE_STRUCT(BillingEvent, (),
                      (client_id, version, kind, event_id, customer_id, subscription_id, plan, subscription_status,
                       email, name, occurred_at, current_period_end))

// tenant.alerts.v1: what a product measured of a tenant. Its key is tenant_id.
struct MetricsSnapshot {
  std::optional<double> psi_vendor;
  std::optional<double> psi_amount;
  std::optional<bool> fallback_active;
  std::optional<double> spend;
  std::optional<double> budget;
  std::string currency;
  std::optional<std::int32_t> je_imbalance_count;
  std::string export_id;
  std::optional<std::int32_t> posted_count;
  std::optional<std::int32_t> skipped_count;
  std::string vendor;
  std::optional<std::int32_t> consistent_labels;
  std::optional<UtcTime> observed_at;
  bool operator==(const MetricsSnapshot&) const = default;
};
BOOST_DESCRIBE_STRUCT(MetricsSnapshot, (),
                      (psi_vendor, psi_amount, fallback_active, spend, budget, currency, je_imbalance_count, export_id,
                       posted_count, skipped_count, vendor, consistent_labels, observed_at))

struct TenantMetrics {
  std::string tenant_id;
  std::string snapshot_id;
  std::string source;
  std::optional<UtcTime> accepted_at;
  std::optional<MetricsSnapshot> metrics;
  bool operator==(const TenantMetrics&) const = default;
};
BOOST_DESCRIBE_STRUCT(TenantMetrics, (), (tenant_id, snapshot_id, source, accepted_at, metrics))

}  // namespace carillon::events
