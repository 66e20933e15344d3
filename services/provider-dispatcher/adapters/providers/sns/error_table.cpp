#include "provider-dispatcher/adapters/providers/sns/error_table.hpp"

#include "provider-dispatcher/adapters/providers/aws/error_codes.hpp"
#include "provider-dispatcher/adapters/providers/aws/xml_answer.hpp"
#include "provider-dispatcher/adapters/providers/http_answer.hpp"

namespace carillon::dispatcher::sns {
namespace {

struct Row {
  std::string_view code;
  OutcomeKind kind;
  Reason reason;
  bool suppress_recipient = false;
};

constexpr Row rows[] = {
    {"KMSThrottling", OutcomeKind::TRANSIENT, Reason::RATE_LIMITED},
    {"KMSAccessDenied", OutcomeKind::ACCOUNT, Reason::AUTHENTICATION},
    {"KMSDisabled", OutcomeKind::ACCOUNT, Reason::ACCOUNT_SUSPENDED},
    {"KMSInvalidState", OutcomeKind::ACCOUNT, Reason::ACCOUNT_SUSPENDED},
    {"KMSNotFound", OutcomeKind::ACCOUNT, Reason::ACCOUNT_SUSPENDED},
    {"KMSOptInRequired", OutcomeKind::ACCOUNT, Reason::ACCOUNT_SUSPENDED},
    {"InvalidParameter", OutcomeKind::REJECTED, Reason::CONTENT_REJECTED},       // but see below
    {"ParameterValueInvalid", OutcomeKind::REJECTED, Reason::CONTENT_REJECTED},  // but see below
    {"ValidationException", OutcomeKind::REJECTED, Reason::CONTENT_REJECTED},
    {"OptedOut", OutcomeKind::REJECTED, Reason::RECIPIENT_INACTIVE, true},  // the recipient answered STOP
};

// "Invalid parameter: PhoneNumber Reason: +1... is not valid to publish to". Of the attributes only the sender's are
// ours to mend.
void refine_invalid_parameter(std::string_view message, Outcome& outcome) {
  const auto names = [message](std::string_view word) { return message.find(word) != std::string_view::npos; };
  if (names("SMS.SenderID") || names("SMS.OriginationNumber")) {
    outcome.kind = OutcomeKind::ACCOUNT;
    outcome.reason = Reason::SENDER_REJECTED;
  } else if (names("PhoneNumber") || names("hone number")) {
    outcome.reason = Reason::RECIPIENT_REJECTED;
  }
}

using Texts = std::optional<std::map<std::string, std::string>>;

std::string text_at(const Texts& xml, const char* path) {
  if (!xml) return {};
  const auto found = xml->find(path);
  return found == xml->end() ? std::string() : found->second;
}

Outcome accepted_or_not(const Texts& xml) {
  Outcome outcome;
  outcome.provider_message_id = text_at(xml, "PublishResponse/PublishResult/MessageId");
  if (!outcome.provider_message_id.empty()) {
    outcome.kind = OutcomeKind::ACCEPTED;
    return outcome;
  }
  outcome.kind = OutcomeKind::UNCONFIRMED;
  outcome.reason = Reason::BAD_ANSWER;
  outcome.detail = xml ? "the answer has no MessageId" : "the answer is not the XML of SNS";
  return outcome;
}

}  // namespace

Outcome read_answer(int status, const http::Fields&, std::string_view body) {
  const Texts xml = aws::read_xml_answer(body);
  if (status >= 200 && status < 300) return accepted_or_not(xml);
  Outcome outcome = outcome_by_status(status);
  const std::string code = text_at(xml, "ErrorResponse/Error/Code");
  const std::string message = text_at(xml, "ErrorResponse/Error/Message");
  if (const aws::ErrorKind* common = aws::common_error(code)) {
    outcome.kind = common->kind;
    outcome.reason = common->reason;
  }
  for (const Row& row : rows) {
    if (row.code != code) continue;
    outcome.kind = row.kind;
    outcome.reason = row.reason;
    outcome.suppress_recipient = row.suppress_recipient;
  }
  if (code == "InvalidParameter" || code == "ParameterValueInvalid") refine_invalid_parameter(message, outcome);
  if (!code.empty()) outcome.provider_code = code;
  if (!message.empty()) outcome.detail = message;
  return outcome;
}

}  // namespace carillon::dispatcher::sns
