#include "health-aggregator/adapters/http_answers.hpp"

namespace carillon::health {

namespace {

std::optional<std::string> name_of(const std::optional<events::Status>& status) {
  if (!status) return std::nullopt;
  return events::enum_name(*status);
}

void write_state(JsonWriter& json, const MessageView& message) {
  const events::MessageEvent& facts = message.facts;
  json.member("message_id", message.message_id);
  json.member("status", name_of(message.status));
  json.member("delivery_status", name_of(message.delivery_status));
  json.member("template_key", facts.template_key);
  json.member("template_version", facts.template_version);
  json.member("channel", events::enum_name(facts.channel));
  json.member("priority", events::enum_name(facts.priority));
  json.member("client_id", facts.client_id);
  json.member("provider", message.provider);
  json.member("attempts", message.attempts);
  json.member("reason", message.reason);
  json.member("provider_code", message.provider_code);
  json.member("detail", message.detail);
  json.member("next_attempt_at", message.next_attempt_at);
  json.member("accepted_at", message.accepted_at);
  json.member("updated_at", message.updated_at);
}

void write_event(JsonWriter& json, const events::MessageEvent& event) {
  json.begin_object();
  json.member("status", events::enum_name(event.status));
  json.member("at", event.occurred_at);
  json.member("provider", event.provider);
  json.member("provider_message_id", event.provider_message_id);
  json.member("attempt", event.attempt);
  json.member("round", event.round);
  json.member("reason", event.reason);
  json.member("provider_code", event.provider_code);
  json.member("detail", event.detail);
  json.member("latency_ms", event.latency_ms);
  json.member("extra_call", event.extra_call);
  json.member("next_attempt_at", event.next_attempt_at);
  json.end_object();
}

}  // namespace

http::Response bad_request(const Failure& failure) {
  const std::string field = failure.detail.substr(0, failure.detail.find(':'));
  return http::problem(400, failure.code, failure.detail, "\"field\":" + http::json_string(field));
}

void write_message(JsonWriter& json, const MessageView& message) {
  json.begin_object();
  write_state(json, message);
  json.member("recipient", message.facts.recipient_masked);
  json.member("error", is_failure(message.status.value_or(events::Status{})) ||
                               is_failure(message.delivery_status.value_or(events::Status{}))
                           ? std::optional{message.reason}
                           : std::nullopt);
  json.end_object();
}

std::string message_json(const MessageView& message, bool clear_recipient) {
  JsonWriter json;
  json.begin_object();
  write_state(json, message);
  const events::MessageEvent& facts = message.facts;
  const bool clear = clear_recipient && !facts.recipient.empty();
  json.member("recipient", clear ? facts.recipient : facts.recipient_masked);
  json.member("recipient_clear", clear);
  json.member("provider_message_id", facts.provider_message_id);
  json.member("sms_segments", facts.sms_segments);
  json.key("metadata").begin_object();
  for (const auto& [name, value] : facts.metadata) json.member(name, value);
  json.end_object();
  json.key("history").begin_array();
  for (const events::MessageEvent& event : message.history) write_event(json, event);
  json.end_array().end_object();
  return json.text();
}

}  // namespace carillon::health
