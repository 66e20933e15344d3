#include <catch2/catch.hpp>

#include "provider-dispatcher/adapters/providers/twilio/error_table.hpp"

namespace {

using namespace carillon::dispatcher;

struct Row {
  int status;
  int code;
  OutcomeKind kind;
  Reason reason;
  bool suppress = false;
};

TEST_CASE("twilio errors: every row of the table") {
  const auto row = GENERATE(values<Row>({
      {429, 20429, OutcomeKind::TRANSIENT, Reason::RATE_LIMITED},
      {500, 20500, OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR},
      {503, 20503, OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR},
      {400, 21611, OutcomeKind::TRANSIENT, Reason::RATE_LIMITED},
      {400, 30001, OutcomeKind::TRANSIENT, Reason::RATE_LIMITED},
      {400, 30017, OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR},
      {400, 30022, OutcomeKind::TRANSIENT, Reason::RATE_LIMITED},
      {401, 20003, OutcomeKind::ACCOUNT, Reason::AUTHENTICATION},
      {403, 20005, OutcomeKind::ACCOUNT, Reason::ACCOUNT_SUSPENDED},
      {400, 21606, OutcomeKind::ACCOUNT, Reason::SENDER_REJECTED},
      {400, 21408, OutcomeKind::ACCOUNT, Reason::ACCOUNT_SUSPENDED},
      {400, 30002, OutcomeKind::ACCOUNT, Reason::ACCOUNT_SUSPENDED},
      {400, 21211, OutcomeKind::REJECTED, Reason::RECIPIENT_REJECTED},
      {400, 21614, OutcomeKind::REJECTED, Reason::RECIPIENT_REJECTED},
      {400, 30005, OutcomeKind::REJECTED, Reason::RECIPIENT_REJECTED},
      {400, 30006, OutcomeKind::REJECTED, Reason::RECIPIENT_REJECTED},
      {400, 30007, OutcomeKind::REJECTED, Reason::CONTENT_REJECTED},
      {400, 21602, OutcomeKind::REJECTED, Reason::CONTENT_REJECTED},
      {400, 21617, OutcomeKind::REJECTED, Reason::CONTENT_REJECTED},
      {400, 21610, OutcomeKind::REJECTED, Reason::RECIPIENT_INACTIVE, true},
      {400, 99999, OutcomeKind::REJECTED, Reason::CONTENT_REJECTED},
  }));
  const Outcome outcome = twilio::read_answer(
      row.status, {}, "{\"code\":" + std::to_string(row.code) + ",\"message\":\"no\",\"status\":400}");
  INFO(row.status << " " << row.code);
  CHECK(outcome.kind == row.kind);
  CHECK(outcome.reason == row.reason);
  CHECK(outcome.provider_code == std::to_string(row.code));
  CHECK(outcome.suppress_recipient == row.suppress);
}

TEST_CASE("twilio errors: a status without a readable body decides alone") {
  CHECK(twilio::read_answer(429, {}, "").reason == Reason::RATE_LIMITED);
  CHECK(twilio::read_answer(502, {}, "<html>").kind == OutcomeKind::TRANSIENT);
  CHECK(twilio::read_answer(401, {}, "").kind == OutcomeKind::ACCOUNT);
  CHECK(twilio::read_answer(307, {}, "").kind == OutcomeKind::TRANSIENT);
}

TEST_CASE("twilio errors: 201 with a sid is ACCEPTED, without one UNCONFIRMED") {
  const Outcome accepted = twilio::read_answer(201, {}, R"({"sid":"SM1","status":"queued","error_code":null})");
  CHECK(accepted.kind == OutcomeKind::ACCEPTED);
  CHECK(accepted.provider_message_id == "SM1");
  for (const char* body : {"", "{}", "<html>", R"({"sid":null})"}) {
    CHECK(twilio::read_answer(201, {}, body).kind == OutcomeKind::UNCONFIRMED);
    CHECK(twilio::read_answer(201, {}, body).reason == Reason::BAD_ANSWER);
  }
}

}  // namespace
