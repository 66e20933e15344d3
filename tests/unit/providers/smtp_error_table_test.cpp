#include <catch2/catch.hpp>

#include "provider-dispatcher/adapters/providers/smtp/conversation_log.hpp"

namespace {

using namespace carillon::dispatcher;
using namespace carillon::dispatcher::smtp;

struct Row {
  Stage stage;
  int code;
  OutcomeKind kind;
  Reason reason;
};

TEST_CASE("smtp errors: every row of the table") {
  const auto row = GENERATE(values<Row>({
      {Stage::CONNECT, 421, OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR},
      {Stage::CONNECT, 554, OutcomeKind::ACCOUNT, Reason::ACCOUNT_SUSPENDED},
      {Stage::HELLO, 550, OutcomeKind::ACCOUNT, Reason::ACCOUNT_SUSPENDED},
      {Stage::AUTH, 454, OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR},
      {Stage::AUTH, 535, OutcomeKind::ACCOUNT, Reason::AUTHENTICATION},
      {Stage::AUTH, 534, OutcomeKind::ACCOUNT, Reason::AUTHENTICATION},
      {Stage::AUTH, 504, OutcomeKind::ACCOUNT, Reason::AUTHENTICATION},
      {Stage::MAIL, 530, OutcomeKind::ACCOUNT, Reason::AUTHENTICATION},
      {Stage::MAIL, 538, OutcomeKind::ACCOUNT, Reason::AUTHENTICATION},
      {Stage::MAIL, 451, OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR},
      {Stage::MAIL, 553, OutcomeKind::REJECTED, Reason::SENDER_REJECTED},
      {Stage::RCPT, 450, OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR},
      {Stage::RCPT, 550, OutcomeKind::REJECTED, Reason::RECIPIENT_REJECTED},
      {Stage::DATA, 452, OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR},
      {Stage::DATA, 554, OutcomeKind::REJECTED, Reason::CONTENT_REJECTED},
      {Stage::MESSAGE, 250, OutcomeKind::ACCEPTED, Reason::NONE},
      {Stage::MESSAGE, 451, OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR},
      {Stage::MESSAGE, 552, OutcomeKind::REJECTED, Reason::CONTENT_REJECTED},
  }));
  const bool whole = GENERATE(false, true);
  const Outcome outcome = read_conversation({row.stage, row.code, "5.0.0 no", whole, Fault::NONE});
  INFO(row.code << " at stage " << static_cast<int>(row.stage));
  CHECK(outcome.kind == row.kind);
  CHECK(outcome.reason == row.reason);
  CHECK(outcome.provider_code == (row.code == 250 ? "" : std::to_string(row.code)));
}

TEST_CASE("smtp errors: a reply about a rate limit says so") {
  CHECK(read_conversation({Stage::RCPT, 450, "4.7.1 rate limit reached", false, Fault::NONE}).reason ==
        Reason::RATE_LIMITED);
  CHECK(read_conversation({Stage::RCPT, 421, "too many connections", false, Fault::NONE}).reason ==
        Reason::RATE_LIMITED);
}

TEST_CASE("smtp errors: a connection lost before the whole message was handed over is TRANSIENT") {
  for (const Stage stage :
       {Stage::CONNECT, Stage::HELLO, Stage::AUTH, Stage::MAIL, Stage::RCPT, Stage::DATA, Stage::MESSAGE}) {
    CHECK(read_conversation({stage, 0, "", false, Fault::LOST}).kind == OutcomeKind::TRANSIENT);
    CHECK(read_conversation({stage, 0, "", false, Fault::LOST}).reason == Reason::CONNECTION);
  }
  CHECK(read_conversation({Stage::CONNECT, 0, "", false, Fault::TIMEOUT}).reason == Reason::TIMEOUT);
  CHECK(read_conversation({Stage::HELLO, 220, "ready", false, Fault::TLS}).reason == Reason::TLS);
}

TEST_CASE("smtp errors: no reply to a message that was handed over is UNCONFIRMED") {
  for (const Fault fault : {Fault::LOST, Fault::TIMEOUT}) {
    CHECK(read_conversation({Stage::MESSAGE, 0, "", true, fault}).kind == OutcomeKind::UNCONFIRMED);
    CHECK(read_conversation({Stage::MESSAGE, 0, "", true, fault}).reason == Reason::NO_ANSWER);
  }
  CHECK(read_conversation({Stage::MESSAGE, 0, "", true, Fault::BAD_REPLY}).reason == Reason::BAD_ANSWER);
}

TEST_CASE("smtp conversation: follows commands and replies to where it stands") {
  ConversationLog log;
  log.received("220 relay ESMTP\r\n");
  CHECK(log.conversation.stage == Stage::CONNECT);
  log.sent("EHLO me\r\n");
  log.received("250-relay\r\n250-SIZE 100\r\n250 AUTH PLAIN\r\n");
  CHECK(log.conversation.reply_code == 250);
  log.sent("AUTH PLAIN AHVzZXIAcGFzcw==\r\n");
  CHECK(log.conversation.stage == Stage::AUTH);
  CHECK(log.conversation.reply_code == 0);
  log.received("235 ok\r\n");
  log.sent("MAIL FROM:<a@example.com>\r\n");
  log.received("250 ok\r\n");
  log.sent("RCPT TO:<b@example.com>\r\n");
  log.received("250 ok\r\n");
  log.sent("DATA\r\n");
  log.received("354 go ahead\r\n");
  CHECK(log.conversation.stage == Stage::MESSAGE);
  CHECK(log.conversation.reply_code == 0);
  log.received("550 5.7.1 spam\r\n");
  CHECK(log.conversation.reply_code == 550);
  CHECK(log.conversation.reply_text == "5.7.1 spam");
  log.sent("QUIT\r\n");
  log.received("221 bye\r\n");
  CHECK(log.conversation.reply_code == 550);
}

}  // namespace
