#include "orchestrator/core/gate.hpp"

#include "orchestrator/core/plan_registry.hpp"
#include "orchestrator/core/send_request.hpp"

namespace carillon::orchestrator {
namespace {

using events::Audience;
using events::Status;

std::optional<Refusal> invalid_request(const GateInput& in) {
  if (!in.meta) return std::nullopt;
  if (in.data && !in.data->problem().empty())
    return Refusal{Status::BLOCKED_INVALID_REQUEST, "LIST_TOO_LONG", in.data->problem()};
  for (const std::string& name : in.meta->required_variables) {
    if (in.data && !in.data->has(name)) {
      return Refusal{Status::BLOCKED_INVALID_REQUEST, "VARIABLE_MISSING",
                     "variables." + name + ": is required by this template"};
    }
  }
  if (in.meta->audience == Audience::CLIENT && in.request.client_id.empty() && in.meta->client_required &&
      !is_test_send(in.request)) {
    return Refusal{Status::BLOCKED_INVALID_REQUEST, "CLIENT_ID_MISSING", "client_id: is required by this template"};
  }
  if (in.recipient_refusal && in.recipient_refusal->status == Status::BLOCKED_INVALID_REQUEST)
    return *in.recipient_refusal;
  if (in.attachment_refusal) return *in.attachment_refusal;
  return std::nullopt;
}

std::optional<Refusal> unknown_template(const GateInput& in) {
  if (!in.meta)
    return Refusal{Status::BLOCKED_TEMPLATE_NOT_FOUND, "TEMPLATE_UNKNOWN", "template_key: there is no such template"};
  if (!in.version_found) {
    return Refusal{Status::BLOCKED_TEMPLATE_NOT_FOUND, "TEMPLATE_VERSION_UNKNOWN",
                   "template_version: there is no such version"};
  }
  return std::nullopt;
}

std::optional<Refusal> inactive_template(const GateInput& in) {
  if (!in.meta->active && !is_test_send(in.request))
    return Refusal{Status::BLOCKED_TEMPLATE_INACTIVE, "TEMPLATE_INACTIVE", "the template is switched off"};
  return std::nullopt;
}

// Mail to our own staff does not depend on the client it is about: an alert must arrive even when the client is
// unknown.
std::optional<Refusal> client_refusal(const GateInput& in, UtcTime now) {
  if (in.meta->audience != Audience::CLIENT) return std::nullopt;
  const TemplateMeta& meta = *in.meta;
  if (!in.client) {
    if (!in.request.client_id.empty())
      return Refusal{Status::BLOCKED_CLIENT_NOT_FOUND, "CLIENT_UNKNOWN", "client_id: there is no such client"};
    return std::nullopt;  // a template that needs a client was refused as invalid
  }
  if (meta.requires_provisioned && in.client->onboarding_status != "PROVISIONED") {
    return Refusal{Status::BLOCKED_PROVISIONING_INCOMPLETE, "NOT_PROVISIONED", "the client is not provisioned yet"};
  }
  if (meta.requires_active_subscription && !subscription_active(in.client->subscription_status)) {
    return Refusal{Status::BLOCKED_SUBSCRIPTION_INACTIVE, "SUBSCRIPTION_INACTIVE",
                   "the client has no active subscription"};
  }
  if (!meta.plan_required_feature_key.empty() && !has_feature(*in.client, meta.plan_required_feature_key, now)) {
    return Refusal{Status::BLOCKED_PLAN, "FEATURE_NOT_IN_PLAN",
                   "the client's plan does not include " + meta.plan_required_feature_key};
  }
  return std::nullopt;
}

}  // namespace

Refusal suppressed_refusal() {
  return {Status::BLOCKED_SUPPRESSED, "RECIPIENT_SUPPRESSED",
          "the recipient is on the suppression list of this channel"};
}

Refusal unsubscribed_refusal() {
  return {Status::BLOCKED_PREFERENCE, "RECIPIENT_UNSUBSCRIBED",
          "the recipient has unsubscribed from messages of this kind"};
}

Refusal switched_off_refusal(bool by_client) {
  if (by_client)
    return {Status::BLOCKED_PREFERENCE, "SWITCHED_OFF_BY_CLIENT", "the client switched this notification off"};
  return {Status::BLOCKED_PREFERENCE, "SWITCHED_OFF_FOR_RECIPIENT",
          "the client switched this notification off for this recipient"};
}

std::optional<Refusal> gate_before_waiting(const GateInput& in) {
  if (auto refusal = invalid_request(in)) return refusal;
  return unknown_template(in);
}

std::optional<Refusal> gate(const GateInput& in, UtcTime now) {
  if (auto refusal = gate_before_waiting(in)) return refusal;
  if (auto refusal = inactive_template(in)) return refusal;
  if (auto refusal = client_refusal(in, now)) return refusal;
  if (in.preference_off || in.recipient_off) return switched_off_refusal(in.preference_off);
  if (in.unsubscribed) return unsubscribed_refusal();
  if (in.recipient_refusal) return *in.recipient_refusal;
  if (in.suppressed) return suppressed_refusal();
  if (!in.provider.channel_enabled) {
    return Refusal{Status::BLOCKED_PROVIDER_NOT_CONFIGURED, "CHANNEL_DISABLED",
                   "the channel is switched off (SMS: set SMS_ENABLED=true)"};
  }
  if (!in.provider.any_configured) {
    return Refusal{Status::BLOCKED_PROVIDER_NOT_CONFIGURED, "NO_PROVIDER_CONFIGURED",
                   "no provider of this channel has its settings"};
  }
  return std::nullopt;
}

}  // namespace carillon::orchestrator
