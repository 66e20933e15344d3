#include "provider-dispatcher/adapters/providers/sendgrid/error_table.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <cctype>

#include "provider-dispatcher/adapters/providers/http_answer.hpp"
#include "values/lower_case.hpp"

namespace carillon::dispatcher::sendgrid {
namespace {

constexpr int accepted = 202;  // 200 only says that the mail is valid

// The first error that names a field, else the first one.
struct Error {
  std::string field;  // "personalizations.0.to.0.email"; "" when none
  std::string message;
};

std::string text_of(const rapidjson::Value& object, const char* name) {
  const auto found = object.FindMember(name);
  return found != object.MemberEnd() && found->value.IsString()
             ? std::string(found->value.GetString(), found->value.GetStringLength())
             : std::string();
}

Error parsed(std::string_view body) {
  Error out;
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(body.data(), body.size());
  if (json.HasParseError() || !json.IsObject()) return out;
  const auto errors = json.FindMember("errors");
  if (errors == json.MemberEnd() || !errors->value.IsArray()) return out;
  for (const auto& error : errors->value.GetArray()) {
    if (!error.IsObject()) continue;
    std::string field = text_of(error, "field");
    if (field == "null") field.clear();
    if (out.message.empty() || (out.field.empty() && !field.empty()))
      out = {std::move(field), text_of(error, "message")};
  }
  return out;
}

bool begins_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

bool says(std::string_view text, std::string_view words) {
  return lower_case(text).find(words) != std::string::npos;
}

bool is_about_sender(const Error& error) {
  return begins_with(error.field, "from") || begins_with(error.field, "reply_to");
}

void judge(Outcome& outcome, int status, const Error& error) {
  const auto is = [&outcome](OutcomeKind kind, Reason reason) {
    outcome.kind = kind;
    outcome.reason = reason;
  };
  if (status == 400 && is_about_sender(error)) return is(OutcomeKind::ACCOUNT, Reason::SENDER_REJECTED);
  if (status == 400 && begins_with(error.field, "personalizations") && error.field.find(".to") != std::string::npos)
    return is(OutcomeKind::REJECTED, Reason::RECIPIENT_REJECTED);
  if (status == 401 && says(error.message, "credits exceeded"))
    return is(OutcomeKind::ACCOUNT, Reason::ACCOUNT_SUSPENDED);
  if (status == 403 && (says(error.message, "temporar") || says(error.message, "too many bad requests")))
    return is(OutcomeKind::TRANSIENT, Reason::RATE_LIMITED);
  if (status == 403 && (is_about_sender(error) || says(error.message, "sender identity")))
    return is(OutcomeKind::ACCOUNT, Reason::SENDER_REJECTED);
  if (status == 451) return is(OutcomeKind::REJECTED, Reason::CONTENT_REJECTED);
}

}  // namespace

Outcome read_answer(int status, const http::Fields& headers, std::string_view body) {
  if (status >= 200 && status < 300) {
    Outcome outcome;
    const std::string_view id = http::field(headers, "X-Message-Id");
    if (status == accepted && !id.empty()) {
      outcome.kind = OutcomeKind::ACCEPTED;
      outcome.provider_message_id = id;
      return outcome;
    }
    outcome.kind = OutcomeKind::UNCONFIRMED;
    outcome.reason = Reason::BAD_ANSWER;
    outcome.detail = status == accepted ? "the answer has no X-Message-Id"
                                        : "HTTP status " + std::to_string(status) + " instead of 202";
    return outcome;
  }
  const Error error = parsed(body);
  Outcome outcome = outcome_by_status(status);
  judge(outcome, status, error);
  if (!error.message.empty()) outcome.detail = error.field.empty() ? error.message : error.field + ": " + error.message;
  return outcome;
}

}  // namespace carillon::dispatcher::sendgrid
