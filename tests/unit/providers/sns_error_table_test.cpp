#include <catch2/catch.hpp>

#include "provider-dispatcher/adapters/providers/sns/error_table.hpp"

namespace {

using namespace carillon::dispatcher;

constexpr auto transient = OutcomeKind::TRANSIENT;
constexpr auto account = OutcomeKind::ACCOUNT;
constexpr auto rejected = OutcomeKind::REJECTED;

struct Row {
  int status;
  const char* code;
  OutcomeKind kind;
  Reason reason;
  bool suppress = false;
};

Outcome answered(int status, const std::string& code, const std::string& message = "no") {
  return sns::read_answer(status, {},
                          "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\n  <Error>\n    "
                          "<Type>Sender</Type>\n    <Code>" +
                              code + "</Code>\n    <Message>" + message +
                              "</Message>\n  </Error>\n  <RequestId>r</RequestId>\n</ErrorResponse>\n");
}

TEST_CASE("sns errors: every row of the table") {
  const auto row = GENERATE(values<Row>({
      {500, "InternalError", transient, Reason::PROVIDER_ERROR},
      {500, "InternalFailure", transient, Reason::PROVIDER_ERROR},
      {503, "ServiceUnavailable", transient, Reason::PROVIDER_ERROR},
      {429, "Throttled", transient, Reason::RATE_LIMITED},
      {400, "Throttling", transient, Reason::RATE_LIMITED},
      {400, "KMSThrottling", transient, Reason::RATE_LIMITED},
      {403, "AuthorizationError", account, Reason::AUTHENTICATION},
      {403, "InvalidSecurity", account, Reason::AUTHENTICATION},
      {403, "InvalidClientTokenId", account, Reason::AUTHENTICATION},
      {403, "SignatureDoesNotMatch", account, Reason::AUTHENTICATION},
      {403, "AccessDenied", account, Reason::AUTHENTICATION},
      {403, "ExpiredToken", account, Reason::AUTHENTICATION},
      {403, "MissingAuthenticationToken", account, Reason::AUTHENTICATION},
      {400, "IncompleteSignature", account, Reason::AUTHENTICATION},
      {400, "KMSAccessDenied", account, Reason::AUTHENTICATION},
      {400, "KMSDisabled", account, Reason::ACCOUNT_SUSPENDED},
      {400, "KMSInvalidState", account, Reason::ACCOUNT_SUSPENDED},
      {400, "KMSNotFound", account, Reason::ACCOUNT_SUSPENDED},
      {403, "KMSOptInRequired", account, Reason::ACCOUNT_SUSPENDED},
      {400, "InvalidParameter", rejected, Reason::CONTENT_REJECTED},
      {400, "ParameterValueInvalid", rejected, Reason::CONTENT_REJECTED},
      {400, "ValidationException", rejected, Reason::CONTENT_REJECTED},
      {400, "Unheard", rejected, Reason::CONTENT_REJECTED},
      {400, "OptedOut", rejected, Reason::RECIPIENT_INACTIVE, true},
  }));
  INFO(row.status << " " << row.code);
  const Outcome outcome = answered(row.status, row.code);
  CHECK(outcome.kind == row.kind);
  CHECK(outcome.reason == row.reason);
  CHECK(outcome.provider_code == row.code);
  CHECK(outcome.suppress_recipient == row.suppress);
  CHECK(outcome.detail == "no");
}

TEST_CASE("sns errors: an invalid parameter is the number's, the sender's or the content's by its name") {
  const Outcome number =
      answered(400, "InvalidParameter", "Invalid parameter: PhoneNumber Reason: +1 is not valid to publish to");
  CHECK(number.kind == rejected);
  CHECK(number.reason == Reason::RECIPIENT_REJECTED);
  CHECK(answered(400, "InvalidParameter", "Phone number does not meet the E164 format").reason ==
        Reason::RECIPIENT_REJECTED);
  for (const char* name : {"AWS.SNS.SMS.SenderID", "AWS.MM.SMS.OriginationNumber"}) {
    const Outcome sender = answered(400, "InvalidParameter", std::string("Invalid parameter: ") + name);
    CHECK(sender.kind == account);
    CHECK(sender.reason == Reason::SENDER_REJECTED);
  }
}

TEST_CASE("sns errors: references in a message are decoded") {
  CHECK(answered(403, "AccessDenied", "You &quot;may not&quot; &lt;publish&gt; &amp; more").detail ==
        "You \"may not\" <publish> & more");
}

TEST_CASE("sns errors: a status without a readable body decides alone") {
  CHECK(sns::read_answer(429, {}, "").reason == Reason::RATE_LIMITED);
  CHECK(sns::read_answer(502, {}, "<html>").kind == transient);
  CHECK(sns::read_answer(403, {}, "{}").kind == account);
  CHECK(sns::read_answer(307, {}, "").kind == transient);
  CHECK(sns::read_answer(400, {}, "<ErrorResponse><Error><Code>OptedOut</Code>").suppress_recipient == false);
}

TEST_CASE("sns errors: 200 with a MessageId is ACCEPTED, without one UNCONFIRMED") {
  const Outcome accepted = sns::read_answer(
      200, {}, "<PublishResponse><PublishResult><MessageId>m-1</MessageId></PublishResult></PublishResponse>");
  CHECK(accepted.kind == OutcomeKind::ACCEPTED);
  CHECK(accepted.provider_message_id == "m-1");
  for (const char* body :
       {"", "<html>\x01", "{\"MessageId\":\"m\"}", "<PublishResponse/>", "<a><MessageId>m</MessageId></a>",
        "<PublishResponse><PublishResult><MessageId/></PublishResult></PublishResponse>"}) {
    INFO(body);
    CHECK(sns::read_answer(200, {}, body).kind == OutcomeKind::UNCONFIRMED);
    CHECK(sns::read_answer(200, {}, body).reason == Reason::BAD_ANSWER);
  }
}

}  // namespace
