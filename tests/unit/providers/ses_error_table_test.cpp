#include <catch2/catch.hpp>

#include "provider-dispatcher/adapters/providers/aws/error_codes.hpp"
#include "provider-dispatcher/adapters/providers/ses/error_table.hpp"

namespace {

using namespace carillon::dispatcher;

constexpr auto transient = OutcomeKind::TRANSIENT;
constexpr auto account = OutcomeKind::ACCOUNT;
constexpr auto rejected = OutcomeKind::REJECTED;

struct Row {
  int status;
  const char* type;
  OutcomeKind kind;
  Reason reason;
};

Outcome answered(int status, const std::string& type, const std::string& message = "no") {
  return ses::read_answer(status, {{"x-amzn-ErrorType", type}}, R"({"message":")" + message + "\"}");
}

TEST_CASE("ses errors: every row of the table") {
  const auto row = GENERATE(values<Row>({
      {429, "TooManyRequestsException", transient, Reason::RATE_LIMITED},
      {400, "LimitExceededException", transient, Reason::RATE_LIMITED},
      {400, "ThrottlingException", transient, Reason::RATE_LIMITED},
      {400, "Throttling", transient, Reason::RATE_LIMITED},
      {500, "InternalServiceErrorException", transient, Reason::PROVIDER_ERROR},
      {500, "InternalFailure", transient, Reason::PROVIDER_ERROR},
      {503, "ServiceUnavailableException", transient, Reason::PROVIDER_ERROR},
      {502, "Unheard", transient, Reason::PROVIDER_ERROR},
      {400, "SendingPausedException", account, Reason::ACCOUNT_SUSPENDED},
      {400, "AccountSuspendedException", account, Reason::ACCOUNT_SUSPENDED},
      {400, "MailFromDomainNotVerifiedException", account, Reason::SENDER_REJECTED},
      {404, "NotFoundException", account, Reason::SENDER_REJECTED},
      {403, "InvalidClientTokenId", account, Reason::AUTHENTICATION},
      {403, "SignatureDoesNotMatch", account, Reason::AUTHENTICATION},
      {403, "UnrecognizedClientException", account, Reason::AUTHENTICATION},
      {403, "InvalidSignatureException", account, Reason::AUTHENTICATION},
      {403, "ExpiredTokenException", account, Reason::AUTHENTICATION},
      {400, "IncompleteSignature", account, Reason::AUTHENTICATION},
      {400, "AccessDeniedException", account, Reason::AUTHENTICATION},
      {403, "OptInRequired", account, Reason::ACCOUNT_SUSPENDED},
      {403, "Unheard", account, Reason::AUTHENTICATION},
      {400, "MessageRejected", rejected, Reason::CONTENT_REJECTED},
      {400, "BadRequestException", rejected, Reason::CONTENT_REJECTED},
      {400, "Unheard", rejected, Reason::CONTENT_REJECTED},
  }));
  INFO(row.status << " " << row.type);
  const Outcome outcome = answered(row.status, row.type);
  CHECK(outcome.kind == row.kind);
  CHECK(outcome.reason == row.reason);
  CHECK(outcome.provider_code == row.type);
  CHECK(outcome.detail == "no");
  CHECK_FALSE(outcome.suppress_recipient);
}

TEST_CASE("ses errors: an address that is not verified is the account's state, not the message's") {
  const Outcome outcome = answered(400, "MessageRejected",
                                   "Email address is not verified. The following identities failed the check in "
                                   "region US-EAST-1: bell@example.com");
  CHECK(outcome.kind == account);
  CHECK(outcome.reason == Reason::SENDER_REJECTED);
  CHECK(outcome.provider_code == "MessageRejected");
  CHECK(answered(400, "BadRequestException", "is not verified").kind == rejected);
}

TEST_CASE("ses errors: the code comes from the header, else from the body, without namespace and URL") {
  CHECK(ses::error_code({{"X-Amzn-Errortype", "BadRequestException:http://internal.amazon.com/coral/"}}, "") ==
        "BadRequestException");
  CHECK(ses::error_code({{"x-amzn-errortype", "A"}}, R"({"__type":"B"})") == "A");
  CHECK(ses::error_code({}, R"({"__type":"com.amazon.coral.service#UnrecognizedClientException"})") ==
        "UnrecognizedClientException");
  CHECK(ses::error_code({}, R"({"code":"AccessDeniedException"})") == "AccessDeniedException");
  CHECK(ses::error_code({}, R"({"__type":7})").empty());
  CHECK(ses::error_code({}, "<html>").empty());
  CHECK(ses::read_answer(400, {}, R"({"__type":"SendingPausedException","Message":"paused"})").detail == "paused");
}

TEST_CASE("ses errors: a status without a readable body decides alone") {
  CHECK(ses::read_answer(429, {}, "").reason == Reason::RATE_LIMITED);
  CHECK(ses::read_answer(502, {}, "<html>").kind == transient);
  CHECK(ses::read_answer(403, {}, "").reason == Reason::AUTHENTICATION);
  CHECK(ses::read_answer(307, {}, "").kind == transient);
  CHECK(ses::read_answer(413, {}, "").provider_code == "413");
}

TEST_CASE("ses errors: 200 with a MessageId is ACCEPTED, without one UNCONFIRMED") {
  const Outcome accepted = ses::read_answer(200, {}, R"({"MessageId":"0100-1"})");
  CHECK(accepted.kind == OutcomeKind::ACCEPTED);
  CHECK(accepted.reason == Reason::NONE);
  CHECK(accepted.provider_message_id == "0100-1");
  for (const char* body :
       {"", "{}", "[]", "<html>", R"({"MessageId":null})", R"({"MessageId":""})", "{\"MessageId\":\"\xff\"}"}) {
    INFO(body);
    CHECK(ses::read_answer(200, {}, body).kind == OutcomeKind::UNCONFIRMED);
    CHECK(ses::read_answer(200, {}, body).reason == Reason::BAD_ANSWER);
  }
}

TEST_CASE("aws errors: codes of all services, with and without Exception, and no others") {
  REQUIRE(aws::common_error("Throttled") != nullptr);
  CHECK(aws::common_error("Throttled") == aws::common_error("ThrottledException"));
  CHECK(aws::common_error("RequestExpired")->kind == account);
  for (const char* code : {"", "Exception", "MessageRejected", "throttled", "ThrottledExceptionException"}) {
    INFO(code);
    CHECK(aws::common_error(code) == nullptr);
  }
}

}  // namespace
