#include "provider-dispatcher/adapters/providers/ses/error_table.hpp"

#include <rapidjson/document.h>

#include "provider-dispatcher/adapters/providers/aws/error_codes.hpp"
#include "provider-dispatcher/adapters/providers/http_answer.hpp"

namespace carillon::dispatcher::ses {
namespace {

struct Row {
  std::string_view code;
  OutcomeKind kind;
  Reason reason;
};

constexpr Row rows[] = {
    {"LimitExceededException", OutcomeKind::TRANSIENT, Reason::RATE_LIMITED},               // quota of the account
    {"SendingPausedException", OutcomeKind::ACCOUNT, Reason::ACCOUNT_SUSPENDED},            // by SES or by an admin
    {"AccountSuspendedException", OutcomeKind::ACCOUNT, Reason::ACCOUNT_SUSPENDED},         // for good
    {"MailFromDomainNotVerifiedException", OutcomeKind::ACCOUNT, Reason::SENDER_REJECTED},  // sending domain
    {"NotFoundException", OutcomeKind::ACCOUNT, Reason::SENDER_REJECTED},                   // configuration set
    {"MessageRejected", OutcomeKind::REJECTED, Reason::CONTENT_REJECTED},                   // but see below
    {"BadRequestException", OutcomeKind::REJECTED, Reason::CONTENT_REJECTED},               // malformed input
};

// MessageRejected also stands for an unverified sender or, in the sandbox, recipient: "Email address is not verified.
// The following identities failed the check in region ..." (troubleshoot-error-messages in SES's guide). That is the
// account's state, not the message's.
constexpr std::string_view not_verified = "not verified";

using Json = rapidjson::Document;

void parse(Json& json, std::string_view body) {
  json.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(body.data(), body.size());
}

std::string text_of(const Json& json, const char* name) {
  if (json.HasParseError() || !json.IsObject()) return {};
  const auto found = json.FindMember(name);
  return found != json.MemberEnd() && found->value.IsString()
             ? std::string(found->value.GetString(), found->value.GetStringLength())
             : std::string();
}

// "com.amazon.coral.service#BadRequestException:http://internal.amazon.com/..." to "BadRequestException".
std::string bare_code(std::string_view code) {
  code = code.substr(0, code.find(':'));
  const std::size_t hash = code.rfind('#');
  return std::string(hash == std::string_view::npos ? code : code.substr(hash + 1));
}

Outcome accepted_or_not(std::string_view body) {
  Json json;
  parse(json, body);
  Outcome outcome;
  outcome.provider_message_id = text_of(json, "MessageId");
  if (!outcome.provider_message_id.empty()) {
    outcome.kind = OutcomeKind::ACCEPTED;
    return outcome;
  }
  outcome.kind = OutcomeKind::UNCONFIRMED;
  outcome.reason = Reason::BAD_ANSWER;
  const bool is_object = !json.HasParseError() && json.IsObject();
  outcome.detail = is_object ? "the answer has no MessageId" : "the answer is not a JSON object";
  return outcome;
}

}  // namespace

std::string error_code(const http::Fields& headers, std::string_view body) {
  const std::string_view header = http::field(headers, "x-amzn-errortype");
  if (!header.empty()) return bare_code(header);
  Json json;
  parse(json, body);
  const std::string type = text_of(json, "__type");
  return bare_code(type.empty() ? text_of(json, "code") : type);
}

std::string error_message(std::string_view body) {
  Json json;
  parse(json, body);
  const std::string message = text_of(json, "message");
  return message.empty() ? text_of(json, "Message") : message;
}

Outcome read_answer(int status, const http::Fields& headers, std::string_view body) {
  if (status >= 200 && status < 300) return accepted_or_not(body);
  Outcome outcome = outcome_by_status(status);
  const std::string code = error_code(headers, body);
  const std::string message = error_message(body);
  if (const aws::ErrorKind* common = aws::common_error(code)) {
    outcome.kind = common->kind;
    outcome.reason = common->reason;
  }
  for (const Row& row : rows) {
    if (row.code != code) continue;
    outcome.kind = row.kind;
    outcome.reason = row.reason;
  }
  if (code == "MessageRejected" && message.find(not_verified) != std::string::npos) {
    outcome.kind = OutcomeKind::ACCOUNT;
    outcome.reason = Reason::SENDER_REJECTED;
  }
  if (!code.empty()) outcome.provider_code = code;
  if (!message.empty()) outcome.detail = message;
  return outcome;
}

}  // namespace carillon::dispatcher::ses
