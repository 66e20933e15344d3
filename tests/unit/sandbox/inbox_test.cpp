#include <catch2/catch.hpp>

#include "sandbox/app/read_out.hpp"
#include "sandbox/core/message_view.hpp"
#include "time/testing/manual_clock.hpp"

namespace {

using namespace carillon::sandbox;

StoredMessage console(const std::string& to) {
  return {0, ProviderName::CONSOLE, 1, "{\"to\":\"" + to + "\",\"text\":\"x\"}", ""};
}

TEST_CASE("inbox: the oldest messages and calls leave, ids stay") {
  Inbox inbox(3, 2);
  for (int i = 0; i < 5; ++i) inbox.keep(console("+1"));
  CHECK(inbox.messages().size() == 3);
  CHECK(inbox.find(2) == nullptr);
  REQUIRE(inbox.find(4) != nullptr);
  CHECK(inbox.find(4)->id == 4);
  CHECK(inbox.find(6) == nullptr);
  const auto first = inbox.note_call(ProviderName::SMTP, "a", 1, CallOutcome::ACCEPTED, 1);
  const auto second = inbox.note_call(ProviderName::SMTP, "b", 1, CallOutcome::REFUSED, 2);
  const auto third = inbox.note_call(ProviderName::SMTP, "c", 1, CallOutcome::HUNG, 3);
  inbox.answered(first);
  inbox.answered(second);
  CHECK(third == 2);
  REQUIRE(inbox.calls().size() == 2);
  CHECK(inbox.calls()[0].answered);
  CHECK_FALSE(inbox.calls()[1].answered);
  CHECK(inbox.figures(ProviderName::SMTP).calls == 3);
  CHECK(inbox.figures(ProviderName::SMTP).accepted == 1);
  CHECK(inbox.figures(ProviderName::SMTP).refused == 1);
}

TEST_CASE("inbox: messages are read out newest last, filtered and limited") {
  const carillon::testing::ManualClock clock;
  SandboxState state{clock, {}, Inbox(10, 10), "", 0};
  for (const char* to : {"+1", "+2", "+1", "+1"}) state.inbox.keep(console(to));
  const std::string json = messages_json(state, {"+1", "", 2});
  CHECK(json.find("\"id\":1,") == std::string::npos);
  CHECK(json.find("\"id\":2,") == std::string::npos);
  CHECK(json.find("\"id\":3,") < json.find("\"id\":4,"));
  CHECK(messages_json(state, {"", "postmark", 10}) == "[]");
}

TEST_CASE("inbox: calls are read out as rows") {
  const carillon::testing::ManualClock clock;
  SandboxState state{clock, {}, Inbox(10, 10), "", 0};
  state.inbox.note_call(ProviderName::POSTMARK, "01890a5d-ac96-774b-bcce-b302099a8057", 2, CallOutcome::RESET, 17);
  CHECK(calls_json(state) == R"([["01890a5d-ac96-774b-bcce-b302099a8057",2,"postmark",17,false,"reset"]])");
}

TEST_CASE("inbox: receipts are noted at their message, a bounded number, and none at one that has left") {
  Inbox inbox(1, 1);
  inbox.keep(console("+1"));
  for (std::size_t i = 0; i < 2 * receipt_notes_max; ++i) inbox.note_receipt(1, {"delivered", 5, 200});
  REQUIRE(inbox.find(1) != nullptr);
  CHECK(inbox.find(1)->receipts.size() == receipt_notes_max);
  inbox.keep(console("+1"));
  inbox.note_receipt(1, {"delivered", 5, 200});
  inbox.note_receipt(3, {"delivered", 5, 200});
  REQUIRE(inbox.find(2) != nullptr);
  CHECK(inbox.find(2)->receipts.empty());
}

TEST_CASE("inbox: recipients are found in lists and behind names") {
  CHECK(is_recipient("a@x.de", "a@x.de"));
  CHECK(is_recipient("b@x.de, Ann <a@x.de>", "a@x.de"));
  CHECK_FALSE(is_recipient("aa@x.de", "a@x.de"));
}

TEST_CASE("message view: every provider's raw form is read") {
  const MessageView email = view_of(
      {1, ProviderName::POSTMARK, 5,
       R"({"To":"a@x.de","From":"b@x.de","Subject":"s","TextBody":"t","HtmlBody":"h","Tag":"K","Metadata":{"message_id":"m","attempt":"2"}})",
       ""});
  CHECK(email.to == "a@x.de");
  CHECK(email.subject == "s");
  CHECK(email.html == "h");
  CHECK(email.message_id == "m");
  CHECK(email.attempt == 2);
  CHECK(email.template_key == "K");
  const MessageView sms = view_of(
      {1, ProviderName::TWILIO, 5,
       "To=%2B44&MessagingServiceSid=MG1&Body=hi&StatusCallback=https%3A%2F%2Fx%2Fs%3Fmessage_id%3Dm%26attempt%3D3",
       ""});
  CHECK(sms.to == "+44");
  CHECK(sms.from == "MG1");
  CHECK(sms.message_id == "m");
  CHECK(sms.attempt == 3);
  const MessageView mail =
      view_of({1, ProviderName::SMTP, 5, "Subject: s\r\nTo: other@x.de\r\nX-Carillon-Message-Id: m\r\n\r\nhi",
               "f@x.de\na@x.de\nb@x.de"});
  CHECK(mail.to == "a@x.de,b@x.de");
  CHECK(mail.text == "hi");
  CHECK(mail.message_id == "m");
  CHECK(view_of({1, ProviderName::POSTMARK, 5, "not json", ""}).to.empty());
}

}  // namespace
