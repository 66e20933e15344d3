#include "provisioning/adapters/http_onboarding.hpp"

#include <rapidjson/document.h>

#include "events/json.hpp"
#include "http/idempotency_key.hpp"
#include "http/media_type.hpp"
#include "provisioning/core/answer_words.hpp"
#include "values/recipient.hpp"

namespace carillon::provisioning {
namespace {

Result<Inbound> read_message(const http::Request& request) {
  if (http::media_type(request) != "application/json")
    return Failure{"UNSUPPORTED_MEDIA_TYPE", "send application/json"};
  const auto object = events::parse_object(request.body);
  if (!object) return object.error();
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(object->text.data(), object->text.size());
  Inbound message;
  bool has_text = false;
  for (const auto& member : document.GetObject()) {
    const std::string_view name(member.name.GetString(), member.name.GetStringLength());
    if (name != "owner_phone" && name != "text")
      return Failure{"INVALID_FIELD", "body: holds another field than owner_phone and text"};
    if (!member.value.IsString()) return Failure{"INVALID_FIELD", std::string(name) + ": must be a text"};
    (name == "text" ? message.text : message.sender).assign(member.value.GetString(), member.value.GetStringLength());
    has_text = has_text || name == "text";
  }
  auto number = parse_e164(message.sender);
  if (!number) return Failure{"INVALID_FIELD", "owner_phone: " + number.error().detail};
  if (!has_text) return Failure{"INVALID_FIELD", "text: is missing"};
  if (characters(message.text) > inbound_text_chars_max)
    return Failure{"INVALID_FIELD", "text: has more than 1,600 characters"};
  auto key = http::idempotency_key(request);
  if (!key) return key.error();
  if (key->size() > http::idempotency_key_chars_max)
    return Failure{"INVALID_FIELD", "Idempotency-Key: has more than 200 characters"};
  message.idempotency_key = std::move(*key);
  message.actor = "api:" + request.params.at("api_key_owner");
  message.traceparent = request.traceparent;
  return message;
}

http::Response too_many(std::string_view detail) {
  http::Response response = http::problem(429, "RATE_LIMITED", detail);
  response.headers.emplace_back("Retry-After", "3600");
  return response;
}

http::Response take(const http::Request& request, Converse& converse) {
  const auto message = read_message(request);
  if (!message)
    return http::problem(message.error().code == "UNSUPPORTED_MEDIA_TYPE" ? 415 : 400, message.error().code,
                         message.error().detail);
  const auto result = converse.take_message(*message);
  if (result.kind == InboundResult::Kind::TOO_MANY_MESSAGES)
    return too_many("this number has sent too many messages within an hour");
  if (result.kind == InboundResult::Kind::TOO_MANY_NEW_CLIENTS)
    return too_many("too many new numbers have written within an hour");
  if (result.kind == InboundResult::Kind::KEY_REUSED)
    return http::problem(422, "IDEMPOTENCY_KEY_REUSED",
                         "this idempotency key was used for another message; use a new key",
                         "\"field\":\"idempotency_key\"");
  return http::json(
      200, "{\"reply\":" + http::json_string(result.reply) +
               ",\"state\":" + (result.state.empty() ? "null" : http::json_string(result.state)) +
               ",\"client_id\":" + (result.client_id.empty() ? "null" : http::json_string(result.client_id)) + "}");
}

}  // namespace

void add_onboarding_routes(http::Router& router, Converse& converse, const http::Guard& guard) {
  router.add(
      http::Method::POST, "/api/onboarding/messages",
      [&converse](const http::Request& request) { return take(request, converse); }, guard);
}

}  // namespace carillon::provisioning
