#include <catch2/catch.hpp>

#include "provider-dispatcher/adapters/providers/slack/error_table.hpp"

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

TEST_CASE("slack errors: every row of the table") {
  const auto row = GENERATE(values<Row>({
      {429, "rate_limited", OutcomeKind::TRANSIENT, Reason::RATE_LIMITED, "429"},
      {500, "rollup_error", OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR, "500"},
      {503, "<html>", OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR, "503"},
      {307, "", OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR, "307"},
      {404, "no_service\n", OutcomeKind::REJECTED, Reason::RECIPIENT_INACTIVE, "no_service", true},
      {404, "no_active_hooks", OutcomeKind::REJECTED, Reason::RECIPIENT_INACTIVE, "no_active_hooks", true},
      {404, "no_team", OutcomeKind::REJECTED, Reason::RECIPIENT_INACTIVE, "no_team", true},
      {404, "channel_not_found", OutcomeKind::REJECTED, Reason::RECIPIENT_REJECTED, "channel_not_found"},
      {404, "<html>", OutcomeKind::REJECTED, Reason::RECIPIENT_REJECTED, "404"},
      {410, "channel_is_archived", OutcomeKind::REJECTED, Reason::RECIPIENT_REJECTED, "channel_is_archived"},
      {410, "", OutcomeKind::REJECTED, Reason::RECIPIENT_REJECTED, "410"},
      {403, "action_prohibited", OutcomeKind::REJECTED, Reason::RECIPIENT_REJECTED, "action_prohibited"},
      {403, "invalid_token", OutcomeKind::REJECTED, Reason::RECIPIENT_REJECTED, "invalid_token"},
      {403, "posting_to_general_channel_denied", OutcomeKind::REJECTED, Reason::RECIPIENT_REJECTED,
       "posting_to_general_channel_denied"},
      {403, "something_new", OutcomeKind::REJECTED, Reason::RECIPIENT_REJECTED, "something_new"},
      {401, "", OutcomeKind::REJECTED, Reason::RECIPIENT_REJECTED, "401"},
      {400, "user_not_found", OutcomeKind::REJECTED, Reason::RECIPIENT_REJECTED, "user_not_found"},
      {400, "invalid_payload", OutcomeKind::REJECTED, Reason::CONTENT_REJECTED, "invalid_payload"},
      {400, "no_text", OutcomeKind::REJECTED, Reason::CONTENT_REJECTED, "no_text"},
      {400, "Invalid Payload!", OutcomeKind::REJECTED, Reason::CONTENT_REJECTED, "400"},
      {413, "", OutcomeKind::REJECTED, Reason::CONTENT_REJECTED, "413"},
  }));
  const Outcome outcome = slack::read_answer(row.status, {}, row.body);
  INFO(row.status << " " << row.body);
  CHECK(outcome.kind == row.kind);
  CHECK(outcome.reason == row.reason);
  CHECK(outcome.provider_code == row.code);
  CHECK(outcome.suppress_recipient == row.suppress);
  CHECK(outcome.recipient_only == (row.status == 429));
}

TEST_CASE("slack errors: a trouble of one webhook is never one of the provider") {
  for (const int status : {400, 401, 403, 404, 410, 413, 422}) {
    CHECK(slack::read_answer(status, {}, "whatever").kind == OutcomeKind::REJECTED);
  }
}

TEST_CASE("slack errors: 200 with ok is ACCEPTED, any other 2xx UNCONFIRMED") {
  CHECK(slack::read_answer(200, {}, "ok").kind == OutcomeKind::ACCEPTED);
  CHECK(slack::read_answer(200, {}, "ok\n").kind == OutcomeKind::ACCEPTED);
  for (const auto& [status, body] :
       {std::pair<int, const char*>{200, ""}, {200, "okay"}, {200, R"({"ok":true})"}, {204, ""}, {201, "ok"}}) {
    const Outcome outcome = slack::read_answer(status, {}, body);
    CHECK(outcome.kind == OutcomeKind::UNCONFIRMED);
    CHECK(outcome.reason == Reason::BAD_ANSWER);
  }
}

}  // namespace
