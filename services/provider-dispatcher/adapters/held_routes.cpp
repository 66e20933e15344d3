#include "provider-dispatcher/adapters/held_routes.hpp"

#include <rapidjson/document.h>

#include <charconv>

#include "events/json.hpp"
#include "http/message.hpp"
#include "values/message_id.hpp"
#include "values/recipient.hpp"
#include "values/utf8.hpp"

namespace carillon::dispatcher {

namespace {

http::Response bad_field(std::string_view field, std::string_view what) {
  return http::problem(400, "INVALID_FIELD", std::string(field) + ": " + std::string(what),
                       "\"field\":" + http::json_string(field));
}

void append_held(std::string& out, const held_store::Held& held, const security::Sealer& sealer) {
  const Claim& claim = *held.claim;
  const events::Dispatch& dispatch = claim.dispatch;
  const auto member = [&out](const char* name, std::string_view value) {
    out += "\"" + std::string(name) + "\":" + http::json_string(value) + ",";
  };
  out += "{";
  member("message_id", dispatch.message_id);
  member("template_key", dispatch.template_key);
  member("channel", events::enum_name(dispatch.channel));
  member("client_id", dispatch.client_id);
  member("recipient", held_recipient(dispatch, sealer));
  member("provider", claim.provider_name);
  member("held_since", to_rfc3339(held.since));
  out += "\"attempts\":" + std::to_string(claim.attempt);
  out += ",\"extra_call\":";
  out += claim.extra_call ? "true" : "false";
  out += ",\"expires_at\":";
  out += dispatch.expires_at ? http::json_string(to_rfc3339(*dispatch.expires_at)) : "null";
  out += "}";
}

std::optional<int> list_limit(const http::Request& request) {
  const auto given = request.query.find("limit");
  if (given == request.query.end()) return held_list_default;
  int limit = 0;
  const std::string& text = given->second;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return limit >= 1 && limit <= held_list_max ? std::optional(limit) : std::nullopt;
}

std::string_view word(ResolveAs as) {
  switch (as) {
    case ResolveAs::SENT:
      return "SENT";
    case ResolveAs::FAILED:
      return "FAILED";
    case ResolveAs::RESEND:
      return "RESEND";
  }
  return "";
}

// nullopt: `resolution` is filled.
std::optional<http::Response> read_body(const std::string& body, Resolution& resolution) {
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(body.data(), body.size());
  if (json.HasParseError() || !json.IsObject()) {
    return http::problem(400, "MALFORMED_JSON",
                         "the body must be a JSON object: {\"as\": \"SENT\", \"note\": \"...\"}");
  }
  std::optional<ResolveAs> as;
  for (const auto& member : json.GetObject()) {
    const std::string_view name(member.name.GetString(), member.name.GetStringLength());
    if (name != "as" && name != "note") return bad_field(name, "is not a field of a decision");
    if (!member.value.IsString()) return bad_field(name, "must be a string");
    const std::string_view value(member.value.GetString(), member.value.GetStringLength());
    if (name == "as") {
      as = resolve_as(value);
    } else if (value.size() > resolve_note_chars_max || has_control_characters(value)) {
      return bad_field("note", "must be one line of at most 300 bytes");
    } else {
      resolution.note = value;
    }
  }
  if (!as) return bad_field("as", "must be SENT, FAILED or RESEND");
  resolution.as = *as;
  return std::nullopt;
}

}  // namespace

std::string held_recipient(const events::Dispatch& dispatch, const security::Sealer& sealer) {
  if (dispatch.sealed.empty()) return dispatch.recipient.empty() ? std::string() : masked(dispatch.recipient);
  const auto plain = sealer.open(dispatch.sealed, dispatch.message_id);
  if (!plain) return "";
  const auto content = events::from_json<events::SealedContent>(*plain);
  return content ? masked(content->recipient) : "";
}

std::optional<ResolveAs> resolve_as(std::string_view text) {
  for (const ResolveAs as : {ResolveAs::SENT, ResolveAs::FAILED, ResolveAs::RESEND}) {
    if (word(as) == text) return as;
  }
  return std::nullopt;
}

http::Response answer_held(const http::Request& request, ResolveMessage& messages, const security::Sealer& sealer) {
  for (const auto& [name, value] : request.query) {
    if (name != "limit") return bad_field(name, "is not known here");
  }
  const auto limit = list_limit(request);
  if (!limit) return bad_field("limit", "must be a number from 1 to 500");
  const auto list = messages.held(*limit);
  std::string out = "{\"total\":" + std::to_string(list.total) + ",\"items\":[";
  for (std::size_t i = 0; i < list.messages.size(); ++i) {
    if (i > 0) out += ",";
    append_held(out, list.messages[i], sealer);
  }
  out += "]}";
  return http::json(200, std::move(out));
}

http::Response answer_resolve(const http::Request& request, ResolveMessage& messages) {
  Resolution resolution;
  resolution.message_id = request.params.at("id");
  resolution.actor = "api:" + request.params.at("api_key_owner");
  if (auto refused = read_body(request.body, resolution)) return std::move(*refused);
  const auto unknown = [] {
    return http::problem(404, "MESSAGE_NOT_FOUND",
                         "no message of that id is pending; if it was accepted, it has its final state");
  };
  if (!is_uuid(resolution.message_id)) return unknown();
  switch (messages.resolve(resolution)) {
    case Resolved::DONE:
      return http::json(200, "{\"message_id\":" + http::json_string(resolution.message_id) +
                                 ",\"resolved_as\":" + http::json_string(word(resolution.as)) + "}");
    case Resolved::NOT_HELD:
      return http::problem(409, "MESSAGE_NOT_HELD", "only a held message can be decided about; this one is on its way");
    case Resolved::EXPIRED:
      return http::problem(409, "MESSAGE_EXPIRED",
                           "its expires_at has passed, so it would not be sent; decide SENT or FAILED");
    case Resolved::UNKNOWN:
      break;
  }
  return unknown();
}

}  // namespace carillon::dispatcher
