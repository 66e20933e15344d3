#include "provider-dispatcher/adapters/providers/postmark/error_table.hpp"

#include <rapidjson/document.h>

#include <optional>

#include "provider-dispatcher/adapters/providers/http_answer.hpp"

namespace carillon::dispatcher::postmark {
namespace {

struct Row {
  int error_code;
  OutcomeKind kind;
  Reason reason;
  bool suppress_recipient = false;
};

constexpr Row rows[] = {
    {10, OutcomeKind::ACCOUNT, Reason::AUTHENTICATION},              // bad or missing server token
    {100, OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR},           // maintenance
    {300, OutcomeKind::REJECTED, Reason::CONTENT_REJECTED},          // invalid e-mail request
    {400, OutcomeKind::ACCOUNT, Reason::SENDER_REJECTED},            // sender signature not found
    {401, OutcomeKind::ACCOUNT, Reason::SENDER_REJECTED},            // sender signature not confirmed
    {402, OutcomeKind::REJECTED, Reason::CONTENT_REJECTED},          // invalid JSON
    {403, OutcomeKind::REJECTED, Reason::CONTENT_REJECTED},          // incompatible JSON
    {405, OutcomeKind::ACCOUNT, Reason::ACCOUNT_SUSPENDED},          // not allowed to send: out of credits
    {406, OutcomeKind::REJECTED, Reason::RECIPIENT_INACTIVE, true},  // bounced, complained or unsubscribed before
    {409, OutcomeKind::REJECTED, Reason::CONTENT_REJECTED},          // JSON required
    {411, OutcomeKind::REJECTED, Reason::CONTENT_REJECTED},          // forbidden attachment type
    {412, OutcomeKind::ACCOUNT, Reason::ACCOUNT_SUSPENDED},          // account is pending approval
    {413, OutcomeKind::ACCOUNT, Reason::ACCOUNT_SUSPENDED},          // account may not send
    {1235, OutcomeKind::ACCOUNT, Reason::SENDER_REJECTED},           // the message stream does not exist
};

struct Answer {
  std::optional<int> error_code;
  std::string message_id;
  std::string message;
  bool is_object = false;
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
  out.message_id = text("MessageID");
  out.message = text("Message");
  const auto code = json.FindMember("ErrorCode");
  if (code != json.MemberEnd() && code->value.IsInt()) out.error_code = code->value.GetInt();
  return out;
}

Outcome unusable_success(std::string detail) {
  Outcome outcome;
  outcome.kind = OutcomeKind::UNCONFIRMED;
  outcome.reason = Reason::BAD_ANSWER;
  outcome.detail = std::move(detail);
  return outcome;
}

Outcome from_row(const Row& row, const Answer& answer) {
  Outcome outcome;
  outcome.kind = row.kind;
  outcome.reason = row.reason;
  outcome.suppress_recipient = row.suppress_recipient;
  // 300 covers all fields of the request; the message names the one at fault in quotes.
  if (row.error_code == 300 && answer.message.find("'To'") != std::string::npos) {
    outcome.reason = Reason::RECIPIENT_REJECTED;
  }
  return outcome;
}

Outcome from_error_code(int status, const Answer& answer) {
  Outcome outcome = outcome_by_status(status);
  if (status == 200) {
    outcome.kind = OutcomeKind::REJECTED;
    outcome.reason = Reason::CONTENT_REJECTED;
  }
  for (const Row& row : rows) {
    if (row.error_code == *answer.error_code) outcome = from_row(row, answer);
  }
  outcome.provider_code = std::to_string(*answer.error_code);
  outcome.detail = answer.message;
  return outcome;
}

}  // namespace

Outcome read_answer(int status, const http::Fields&, std::string_view body) {
  const Answer answer = parsed(body);
  const int error_code = answer.error_code.value_or(0);
  if (status >= 200 && status < 300) {
    if (!answer.is_object) return unusable_success("the answer is not a JSON object");
    if (error_code != 0) return from_error_code(200, answer);
    if (answer.message_id.empty()) return unusable_success("the answer has no MessageID");
    Outcome outcome;
    outcome.kind = OutcomeKind::ACCEPTED;
    outcome.provider_message_id = answer.message_id;
    return outcome;
  }
  // The code says more than the status only where Postmark documents one: 422, and 401 with 10.
  if (error_code != 0 && (status == 422 || status == 406)) return from_error_code(status, answer);
  Outcome outcome = outcome_by_status(status);
  if (status == 406) outcome = from_row({406, OutcomeKind::REJECTED, Reason::RECIPIENT_INACTIVE, true}, answer);
  if (error_code == 100) outcome = from_row({100, OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR}, answer);
  outcome.provider_code = std::to_string(error_code != 0 ? error_code : status);
  if (!answer.message.empty()) outcome.detail = answer.message;
  return outcome;
}

}  // namespace carillon::dispatcher::postmark
