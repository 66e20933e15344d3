#include "provider-dispatcher/adapters/providers/twilio/error_table.hpp"

#include <rapidjson/document.h>

#include "provider-dispatcher/adapters/providers/http_answer.hpp"

namespace carillon::dispatcher::twilio {
namespace {

struct Row {
  int code;
  OutcomeKind kind;
  Reason reason;
  bool suppress_recipient = false;
};

constexpr Row rows[] = {
    {20003, OutcomeKind::ACCOUNT, Reason::AUTHENTICATION},             // wrong SID or token
    {20005, OutcomeKind::ACCOUNT, Reason::ACCOUNT_SUSPENDED},          // account not active
    {20429, OutcomeKind::TRANSIENT, Reason::RATE_LIMITED},             // too many requests
    {20500, OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR},           // internal error
    {20503, OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR},           // unavailable
    {21211, OutcomeKind::REJECTED, Reason::RECIPIENT_REJECTED},        // 'To' is not a phone number
    {21408, OutcomeKind::ACCOUNT, Reason::ACCOUNT_SUSPENDED},          // no permission for the region
    {21602, OutcomeKind::REJECTED, Reason::CONTENT_REJECTED},          // no body
    {21606, OutcomeKind::ACCOUNT, Reason::SENDER_REJECTED},            // 'From' can't send SMS
    {21610, OutcomeKind::REJECTED, Reason::RECIPIENT_INACTIVE, true},  // the recipient answered STOP
    {21611, OutcomeKind::TRANSIENT, Reason::RATE_LIMITED},             // queue of the 'From' number is full
    {21614, OutcomeKind::REJECTED, Reason::RECIPIENT_REJECTED},        // 'To' is not a mobile number
    {21617, OutcomeKind::REJECTED, Reason::CONTENT_REJECTED},          // body too long
    {30001, OutcomeKind::TRANSIENT, Reason::RATE_LIMITED},             // queue overflow
    {30002, OutcomeKind::ACCOUNT, Reason::ACCOUNT_SUSPENDED},          // account suspended
    {30005, OutcomeKind::REJECTED, Reason::RECIPIENT_REJECTED},        // unknown destination
    {30006, OutcomeKind::REJECTED, Reason::RECIPIENT_REJECTED},        // landline or unreachable carrier
    {30007, OutcomeKind::REJECTED, Reason::CONTENT_REJECTED},          // filtered by the carrier
    {30017, OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR},           // carrier congestion
    {30022, OutcomeKind::TRANSIENT, Reason::RATE_LIMITED},             // rate of the number exceeded
};

struct Answer {
  bool is_object = false;
  std::string sid;
  int code = 0;
  std::string message;
};

Answer parsed(std::string_view body) {
  Answer out;
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(body.data(), body.size());
  if (json.HasParseError() || !json.IsObject()) return out;
  out.is_object = true;
  const auto text = [&](const char* name) {
    const auto found = json.FindMember(name);
    return found != json.MemberEnd() && found->value.IsString()
               ? std::string(found->value.GetString(), found->value.GetStringLength())
               : std::string();
  };
  out.sid = text("sid");
  out.message = text("message");
  const auto code = json.FindMember("code");
  if (code != json.MemberEnd() && code->value.IsInt()) out.code = code->value.GetInt();
  return out;
}

}  // namespace

Outcome read_answer(int status, const http::Fields&, std::string_view body) {
  const Answer answer = parsed(body);
  Outcome outcome;
  if (status >= 200 && status < 300) {
    if (!answer.sid.empty()) {
      outcome.kind = OutcomeKind::ACCEPTED;
      outcome.provider_message_id = answer.sid;
      return outcome;
    }
    outcome.kind = OutcomeKind::UNCONFIRMED;
    outcome.reason = Reason::BAD_ANSWER;
    outcome.detail = answer.is_object ? "the answer has no sid" : "the answer is not a JSON object";
    return outcome;
  }
  outcome = outcome_by_status(status);
  for (const Row& row : rows) {
    if (row.code != answer.code) continue;
    outcome.kind = row.kind;
    outcome.reason = row.reason;
    outcome.suppress_recipient = row.suppress_recipient;
  }
  if (answer.code != 0) outcome.provider_code = std::to_string(answer.code);
  if (!answer.message.empty()) outcome.detail = answer.message;
  return outcome;
}

}  // namespace carillon::dispatcher::twilio
