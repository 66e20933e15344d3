#include "otp/adapters/otp_body.hpp"

#include <rapidjson/document.h>

#include <initializer_list>
#include <map>

#include "events/json.hpp"
#include "http/media_type.hpp"
#include "values/lower_case.hpp"
#include "values/recipient.hpp"

namespace carillon::otp {
namespace {

constexpr std::size_t code_chars_max = 64;
constexpr std::size_t token_chars_max = 128;
constexpr std::size_t locale_chars_max = 35;  // RFC 5646, 4.4.1

Failure invalid(std::string text) {
  return {"INVALID_FIELD", std::move(text)};
}

// A flat object of texts, by name; a name that was not given is "". Failure MALFORMED_JSON for what is no JSON,
// INVALID_FIELD for other fields than `known` and other values than texts; it repeats nothing but known names.
Result<std::map<std::string, std::string>> read_texts(const http::Request& request,
                                                      std::initializer_list<const char*> known) {
  const auto object = events::parse_object(request.body);
  if (!object) {
    if (object.error().code == "MALFORMED_JSON") return object.error();
    return invalid("body: must be an object of texts, each given once");
  }
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(object->text.data(), object->text.size());
  std::map<std::string, std::string> texts;
  for (const char* name : known) texts[name];
  for (const auto& member : document.GetObject()) {
    const auto text = texts.find(std::string(member.name.GetString(), member.name.GetStringLength()));
    if (text == texts.end()) return invalid("body: holds a field that is not known");
    if (!member.value.IsString()) return invalid(text->first + ": must be a text");
    text->second.assign(member.value.GetString(), member.value.GetStringLength());
  }
  return texts;
}

using Texts = std::map<std::string, std::string>;

// What is refused openly: no JSON at all. Everything else is the request's own matter.
bool is_open(const Failure& failure) {
  return failure.code == "MALFORMED_JSON" || failure.code == "UNSUPPORTED_MEDIA_TYPE";
}

Result<Texts> read_body(const http::Request& request, std::initializer_list<const char*> known) {
  if (http::media_type(request) != "application/json")
    return Failure{"UNSUPPORTED_MEDIA_TYPE", "send application/json"};
  return read_texts(request, known);
}

Result<std::string> choose_recipient(const std::string& phone_number, const std::string& email) {
  if (phone_number.empty() == email.empty()) return invalid("phone_number: give either phone_number or email");
  // No mailbox in use tells its letters' case apart, and each spelling would have limits of its own.
  return phone_number.empty() ? parse_email(lower_case(email)) : parse_e164(phone_number);
}

std::optional<Failure> set_recipient(OtpRequest& request, Texts& body) {
  auto recipient = choose_recipient(body["phone_number"], body["email"]);
  if (!recipient) return recipient.error();
  const auto action = find_action(body["action"]);
  if (!action) return invalid("action: must be PHONE_VERIFY, SENSITIVE_ACTION or EMAIL_VERIFY");
  if (facts(*action).by_phone != body["email"].empty())
    return invalid("action: PHONE_VERIFY and SENSITIVE_ACTION need a phone_number, EMAIL_VERIFY an email");
  request.recipient = std::move(*recipient);
  request.action = *action;
  return std::nullopt;
}

// A language tag is letters, digits and hyphens; whether there is such a template is not known here.
bool is_locale(const std::string& text) {
  return text.size() >= 2 && text.size() <= locale_chars_max &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == std::string::npos;
}

Result<OtpRequest> read(const http::Request& request, OtpKind kind, std::initializer_list<const char*> known,
                        std::optional<Failure> (*take)(OtpRequest&, Texts&)) {
  auto body = read_body(request, known);
  if (!body && is_open(body.error())) return body.error();
  OtpRequest read;
  read.kind = kind;
  read.traceparent = request.traceparent;
  read.refused = body ? take(read, *body) : std::optional{body.error()};
  return read;
}

}  // namespace

Result<OtpRequest> read_send(const http::Request& request) {
  return read(request, OtpKind::SEND, {"phone_number", "email", "action", "locale"},
              [](OtpRequest& read, Texts& body) -> std::optional<Failure> {
                read.locale = body["locale"];
                if (!read.locale.empty() && !is_locale(read.locale))
                  return invalid("locale: must be a language tag such as en or de-AT");
                return set_recipient(read, body);
              });
}

Result<OtpRequest> read_verify(const http::Request& request) {
  return read(request, OtpKind::VERIFY, {"phone_number", "email", "action", "code"},
              [](OtpRequest& read, Texts& body) -> std::optional<Failure> {
                read.code = body["code"];
                if (read.code.empty() || read.code.size() > code_chars_max)
                  return invalid("code: must be the six digits of the message, as a text");
                return set_recipient(read, body);
              });
}

Result<OtpRequest> read_redeem(const http::Request& request) {
  return read(request, OtpKind::REDEEM, {"token", "phone_number"},
              [](OtpRequest& read, Texts& body) -> std::optional<Failure> {
                read.step_up_token = body["token"];
                if (read.step_up_token.empty() || read.step_up_token.size() > token_chars_max)
                  return invalid("token: must be the step_up_token of /api/otp/verify");
                auto number = parse_e164(body["phone_number"]);
                if (!number) return number.error();
                read.recipient = std::move(*number);
                return std::nullopt;
              });
}

Result<std::string> read_recipient(const http::Request& request) {
  auto body = read_body(request, {"phone_number", "email"});
  if (!body) return body.error();
  return choose_recipient((*body)["phone_number"], (*body)["email"]);
}

}  // namespace carillon::otp
