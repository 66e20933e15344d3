#include "otp/app/otp_events.hpp"

#include <fmt/format.h>

#include "events/cloud_events.hpp"
#include "events/events.hpp"
#include "values/message_id.hpp"

namespace carillon::otp {
namespace {

constexpr std::string_view send_request_type = "carillon.send-request.v1";

void publish_request(bus::Outbox& out, const events::SendRequest& request, std::string key, UtcTime now,
                     std::string_view traceparent) {
  const std::string& id = request.message_id.empty() ? request.idempotency_key : request.message_id;
  out.publish(bus::topics::send_requests,
              {std::move(key), events::binary_headers(send_request_type, event_source, id, now, traceparent),
               events::to_json(request)});
}

}  // namespace

void publish_audit(bus::Outbox& out, const OtpRequest& request, const std::string& recipient_hash, AuditFacts facts_of,
                   UtcTime now) {
  events::AuditEvent audit;
  audit.event_id = new_uuid(now);
  audit.occurred_at = now;
  audit.action = facts_of.action;
  audit.actor = request.asked_by;
  audit.subject_kind = recipient_hash.empty() ? "otp_request" : "otp_recipient";
  audit.subject_id = recipient_hash.empty() ? audit.event_id : recipient_hash;
  audit.outcome = facts_of.outcome;
  audit.reason = facts_of.reason;
  audit.details = std::move(facts_of.details);
  if (!request.refused && request.kind != OtpKind::REDEEM) audit.details["action"] = facts(request.action).name;
  out.publish(bus::topics::audit,
              {audit.subject_id,
               events::binary_headers("carillon.audit.v1", event_source, audit.event_id, now, request.traceparent),
               events::to_json(audit)});
}

void publish_code(bus::Outbox& out, const OtpRequest& request, const CodeMessage& message,
                  const security::Sealer& sealer, UtcTime now) {
  const ActionFacts& action = facts(request.action);
  events::SealedContent content;
  content.recipient = request.recipient;
  content.variables.text = fmt::format(R"({{"code":"{}","ttl_minutes":{}}})", message.code,
                                       std::chrono::ceil<std::chrono::minutes>(message.ttl).count());
  events::SendRequest send;
  send.message_id = message.message_id;
  send.source = event_source;
  send.idempotency_key = message.challenge_id;
  send.template_key = action.by_phone ? "OTP_CODE_SMS" : "OTP_CODE_EMAIL";
  send.sealed = sealer.seal(events::to_json(content), send.message_id);
  send.locale = request.locale;
  send.accepted_at = now;
  send.expires_at = now + message.ttl;
  send.context = events::Context{request.asked_by, "one-time code"};
  send.metadata = {{"action", std::string(action.name)},
                   {"phone_hash", message.recipient_hash},
                   {"attempt_count", std::to_string(message.attempt_count)}};
  publish_request(out, send, message.recipient_hash, now, request.traceparent);
}

void publish_alert(bus::Outbox& out, const std::string& country, std::int64_t sent, std::int64_t verified,
                   UtcTime now) {
  events::SendRequest send;
  send.idempotency_key = fmt::format("otp-conversion/{}/{}", country, to_rfc3339(now));
  send.template_key = "OPS_ALERT_OTP_CONVERSION";
  send.variables.text = fmt::format(R"({{"country":"{}","sent":{},"verified":{},"percent":{}}})", country, sent,
                                    verified, sent == 0 ? 0 : verified * 100 / sent);
  send.context = events::Context{std::string(event_source), "few of the codes are used"};
  publish_request(out, send, send.idempotency_key, now, {});
}

}  // namespace carillon::otp
