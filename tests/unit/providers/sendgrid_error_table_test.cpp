#include <catch2/catch.hpp>

#include "provider-dispatcher/adapters/providers/sendgrid/error_table.hpp"

namespace {

using namespace carillon::dispatcher;

struct Row {
  int status;
  std::string body;
  OutcomeKind kind;
  Reason reason;
};

std::string error(const std::string& message, const std::string& field = "") {
  return R"({"errors":[{"message":")" + message + R"(","field":)" + (field.empty() ? "null" : "\"" + field + "\"") +
         R"(,"help":null}]})";
}

TEST_CASE("sendgrid errors: every row of the table") {
  const auto row = GENERATE(values<Row>({
      {429, error("too many requests"), OutcomeKind::TRANSIENT, Reason::RATE_LIMITED},
      {500, error("internal server error"), OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR},
      {502, "<html>", OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR},
      {503, "", OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR},
      {302, "", OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR},
      {404, error("not found"), OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR},
      {403, error("Too many bad requests. Temporary block"), OutcomeKind::TRANSIENT, Reason::RATE_LIMITED},
      {403, error("You are temporarily blocked"), OutcomeKind::TRANSIENT, Reason::RATE_LIMITED},
      {403, error("access forbidden"), OutcomeKind::ACCOUNT, Reason::AUTHENTICATION},
      {403, "", OutcomeKind::ACCOUNT, Reason::AUTHENTICATION},
      {403, error("The from address does not match a verified Sender Identity.", "from"), OutcomeKind::ACCOUNT,
       Reason::SENDER_REJECTED},
      {403, error("The from address does not match a verified Sender Identity."), OutcomeKind::ACCOUNT,
       Reason::SENDER_REJECTED},
      {401, error("The provided authorization grant is invalid, expired, or revoked"), OutcomeKind::ACCOUNT,
       Reason::AUTHENTICATION},
      {401, error("Maximum credits exceeded"), OutcomeKind::ACCOUNT, Reason::ACCOUNT_SUSPENDED},
      {400, error("The from email does not contain a valid address.", "from.email"), OutcomeKind::ACCOUNT,
       Reason::SENDER_REJECTED},
      {400, error("Does not contain a valid address.", "reply_to.email"), OutcomeKind::ACCOUNT,
       Reason::SENDER_REJECTED},
      {400, error("Does not contain a valid address.", "personalizations.0.to.0.email"), OutcomeKind::REJECTED,
       Reason::RECIPIENT_REJECTED},
      {400, error("The subject is required.", "subject"), OutcomeKind::REJECTED, Reason::CONTENT_REJECTED},
      {400, error("Bad Request"), OutcomeKind::REJECTED, Reason::CONTENT_REJECTED},
      {400, "", OutcomeKind::REJECTED, Reason::CONTENT_REJECTED},
      {413, "", OutcomeKind::REJECTED, Reason::CONTENT_REJECTED},
      {451, error("Unavailable due to data residency restrictions"), OutcomeKind::REJECTED, Reason::CONTENT_REJECTED},
  }));
  const Outcome outcome = sendgrid::read_answer(row.status, {{"X-Message-Id", "not-taken"}}, row.body);
  INFO(row.status << " " << row.body);
  CHECK(outcome.kind == row.kind);
  CHECK(outcome.reason == row.reason);
  CHECK(outcome.provider_code == std::to_string(row.status));
  CHECK_FALSE(outcome.suppress_recipient);
  CHECK(outcome.provider_message_id.empty());
}

TEST_CASE("sendgrid errors: of several errors the first that names a field is told") {
  const Outcome outcome = sendgrid::read_answer(
      400, {},
      R"({"errors":[{"message":"one","field":null},{"message":"two","field":"personalizations.0.to.0.email"},)"
      R"({"message":"three","field":"from"},7]})");
  CHECK(outcome.reason == Reason::RECIPIENT_REJECTED);
  CHECK(outcome.detail == "personalizations.0.to.0.email: two");
}

TEST_CASE("sendgrid errors: bodies of another form are as if empty") {
  for (const char* body : {"[]", R"({"errors":{}})", R"({"errors":[1]})", R"({"errors":[{"message":7,"field":[]}]})",
                           "{\"errors\":[{\"message\":\"\xff\"}]}"}) {
    INFO(body);
    const Outcome outcome = sendgrid::read_answer(400, {}, body);
    CHECK(outcome.kind == OutcomeKind::REJECTED);
    CHECK(outcome.detail == "HTTP status 400");
  }
}

TEST_CASE("sendgrid errors: 202 with X-Message-Id is ACCEPTED with that id, any other 2xx UNCONFIRMED") {
  const Outcome accepted = sendgrid::read_answer(202, {{"x-message-id", "14c5d75ce93"}}, "");
  CHECK(accepted.kind == OutcomeKind::ACCEPTED);
  CHECK(accepted.provider_message_id == "14c5d75ce93");
  for (const auto& [status, headers] : {std::pair<int, carillon::http::Fields>{202, {}},
                                        {202, {{"X-Message-Id", ""}}},
                                        {200, {{"X-Message-Id", "1"}}},
                                        {204, {}}}) {
    const Outcome outcome = sendgrid::read_answer(status, headers, "");
    CHECK(outcome.kind == OutcomeKind::UNCONFIRMED);
    CHECK(outcome.reason == Reason::BAD_ANSWER);
  }
}

}  // namespace
