#include <catch2/catch.hpp>

#include "provider-dispatcher/adapters/providers/postmark/error_table.hpp"

namespace {

using namespace carillon::dispatcher;

struct Row {
  int status;
  std::string body;
  OutcomeKind kind;
  Reason reason;
  std::string code;
  bool suppress = false;
};

std::string error(int code, const std::string& message = "no") {
  return "{\"ErrorCode\":" + std::to_string(code) + ",\"Message\":\"" + message + "\"}";
}

TEST_CASE("postmark errors: every row of the table") {
  const auto row = GENERATE(values<Row>({
      {429, "{}", OutcomeKind::TRANSIENT, Reason::RATE_LIMITED, "429"},
      {500, "{}", OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR, "500"},
      {503, "", OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR, "503"},
      {503, error(100), OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR, "100"},
      {422, error(100), OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR, "100"},
      {401, error(10), OutcomeKind::ACCOUNT, Reason::AUTHENTICATION, "10"},
      {401, "", OutcomeKind::ACCOUNT, Reason::AUTHENTICATION, "401"},
      {422, error(10), OutcomeKind::ACCOUNT, Reason::AUTHENTICATION, "10"},
      {422, error(400), OutcomeKind::ACCOUNT, Reason::SENDER_REJECTED, "400"},
      {422, error(401), OutcomeKind::ACCOUNT, Reason::SENDER_REJECTED, "401"},
      {422, error(405), OutcomeKind::ACCOUNT, Reason::ACCOUNT_SUSPENDED, "405"},
      {422, error(412), OutcomeKind::ACCOUNT, Reason::ACCOUNT_SUSPENDED, "412"},
      {422, error(413), OutcomeKind::ACCOUNT, Reason::ACCOUNT_SUSPENDED, "413"},
      {422, error(1235), OutcomeKind::ACCOUNT, Reason::SENDER_REJECTED, "1235"},
      {422, error(300), OutcomeKind::REJECTED, Reason::CONTENT_REJECTED, "300"},
      {422, error(300, "Invalid 'To' address"), OutcomeKind::REJECTED, Reason::RECIPIENT_REJECTED, "300"},
      {422, error(402), OutcomeKind::REJECTED, Reason::CONTENT_REJECTED, "402"},
      {422, error(403), OutcomeKind::REJECTED, Reason::CONTENT_REJECTED, "403"},
      {422, error(409), OutcomeKind::REJECTED, Reason::CONTENT_REJECTED, "409"},
      {422, error(411), OutcomeKind::REJECTED, Reason::CONTENT_REJECTED, "411"},
      {422, error(4711), OutcomeKind::REJECTED, Reason::CONTENT_REJECTED, "4711"},
      {422, error(406), OutcomeKind::REJECTED, Reason::RECIPIENT_INACTIVE, "406", true},
      {406, "", OutcomeKind::REJECTED, Reason::RECIPIENT_INACTIVE, "406", true},
      {200, error(406), OutcomeKind::REJECTED, Reason::RECIPIENT_INACTIVE, "406", true},
      {413, "", OutcomeKind::REJECTED, Reason::CONTENT_REJECTED, "413"},
      {302, "", OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR, "302"},
      {404, "<html>", OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR, "404"},
  }));
  const Outcome outcome = postmark::read_answer(row.status, {}, row.body);
  INFO(row.status << " " << row.body);
  CHECK(outcome.kind == row.kind);
  CHECK(outcome.reason == row.reason);
  CHECK(outcome.provider_code == row.code);
  CHECK(outcome.suppress_recipient == row.suppress);
  CHECK(outcome.provider_message_id.empty());
}

TEST_CASE("postmark errors: 200 with ErrorCode 0, or none, and MessageID is ACCEPTED with that id") {
  for (const char* body : {R"({"ErrorCode":0,"MessageID":"b7bc2f4a"})", R"({"MessageID":"b7bc2f4a"})"}) {
    const Outcome outcome = postmark::read_answer(200, {}, body);
    CHECK(outcome.kind == OutcomeKind::ACCEPTED);
    CHECK(outcome.provider_message_id == "b7bc2f4a");
  }
}

TEST_CASE("postmark errors: a 200 that can't be read is UNCONFIRMED") {
  for (const char* body : {"", "<html>", "[]", "{}", R"({"MessageID":7})", R"({"ErrorCode":0,"MessageID":""})",
                           "{\"MessageID\":\"\xff\"}"}) {
    const Outcome outcome = postmark::read_answer(200, {}, body);
    INFO(body);
    CHECK(outcome.kind == OutcomeKind::UNCONFIRMED);
    CHECK(outcome.reason == Reason::BAD_ANSWER);
  }
}

}  // namespace
