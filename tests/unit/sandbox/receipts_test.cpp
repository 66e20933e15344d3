// Which receipts are sent when, with a sender that the test answers for.
#include <catch2/catch.hpp>

#include "sandbox/app/read_out.hpp"
#include "sandbox/app/receipts.hpp"
#include "time/testing/manual_clock.hpp"

namespace {

using namespace carillon::sandbox;

class RecordingSender final : public ReceiptSender {
 public:
  bool send(Parcel parcel, std::chrono::milliseconds delay, std::function<void(Delivery)> done) override {
    if (full) return false;
    sent.push_back({std::move(parcel), delay, std::move(done)});
    return true;
  }
  struct Sent {
    Parcel parcel;
    std::chrono::milliseconds delay;
    std::function<void(Delivery)> done;
  };
  // Answers the oldest that is not answered.
  void answer(Delivery delivery = {200, ""}) {
    REQUIRE(answered < sent.size());
    const auto done = sent[answered++].done;
    done(delivery);
  }
  std::string words() const {
    std::string out;
    for (const Sent& one : sent) {
      if (one.parcel.facts == nullptr) out += "confirm ";
      for (const ReceiptEvent event : one.parcel.events)
        out += std::string(event_word(one.parcel.provider, event)) + (one.parcel.forge == Forgery::NONE ? " " : "! ");
    }
    return out;
  }
  std::vector<Sent> sent;
  std::size_t answered = 0;
  bool full = false;
};

struct Desk {
  explicit Desk(ReceiptSettings settings = {}) : receipts(state, sender, keys, std::move(settings)) {}

  Answer accept(ProviderName provider, std::string_view recipient = "ann@example.com") {
    ProviderCall call;
    call.provider = provider;
    call.recipient = recipient;
    call.tag("message_id", "m1");
    if (provider == ProviderName::TWILIO) {
      call.facts.sender = "+15005550006";
      call.facts.auth_token = "token";
      call.facts.callback_url = "http://127.0.0.1:9/status?message_id=m1";
    }
    const std::uint64_t stored = state.inbox.keep({0, provider, 0, "", "", {}});
    Answer out;
    receipts.accepted(call, "the-id", stored, out);
    return out;
  }
  void order(const std::string& json) {
    const auto done = receipts.order(json);
    INFO(json);
    REQUIRE(done);
  }
  std::string stats() const { return stats_json(state); }

  carillon::testing::ManualClock clock;
  SandboxState state{clock, {}, Inbox(10, 10), "", 0, {}, nullptr};
  RecordingSender sender;
  ReceiptKeys keys{clock};
  Receipts receipts;
};

TEST_CASE("receipts: none are sent without an order or a setting") {
  Desk desk;
  for (std::size_t i = 0; i < provider_names.size(); ++i) desk.accept(static_cast<ProviderName>(i));
  CHECK(desk.sender.sent.empty());
}

TEST_CASE("receipts: with the setting each message is delivered, after 200 ms, at its provider's path") {
  Desk desk({"http://127.0.0.1:9", "u", "p"});
  desk.accept(ProviderName::POSTMARK);
  desk.accept(ProviderName::SENDGRID);
  desk.accept(ProviderName::TWILIO);
  for (const ProviderName none : {ProviderName::SNS, ProviderName::SMTP, ProviderName::SLACK, ProviderName::CONSOLE})
    desk.accept(none);
  CHECK(desk.sender.words() == "Delivery processed delivered sent ");
  CHECK(desk.sender.sent[0].parcel.url == "http://127.0.0.1:9/api/webhooks/postmark");
  CHECK(desk.sender.sent[0].parcel.user == "u");
  CHECK(desk.sender.sent[0].parcel.password == "p");
  CHECK(desk.sender.sent[0].delay == std::chrono::milliseconds{200});
  CHECK(desk.sender.sent[1].parcel.url == "http://127.0.0.1:9/api/webhooks/sendgrid");
  CHECK(desk.sender.sent[2].parcel.url == "http://127.0.0.1:9/status?message_id=m1");
  CHECK(desk.sender.sent[2].parcel.password == "token");
  REQUIRE(desk.sender.sent[0].parcel.facts != nullptr);
  CHECK(desk.sender.sent[0].parcel.facts->tags ==
        std::vector<std::pair<std::string, std::string>>{{"message_id", "m1"}});
}

TEST_CASE("receipts: an order of kind none goes before the setting; taken back, the setting is in force again") {
  Desk desk({"http://127.0.0.1:9", "", ""});
  desk.order(R"({"provider":"postmark","kind":"none","recipient_contains":"ann"})");
  desk.accept(ProviderName::POSTMARK);
  CHECK(desk.sender.sent.empty());
  desk.accept(ProviderName::POSTMARK, "bob@example.com");
  CHECK(desk.sender.sent.size() == 1);
  desk.receipts.clear_orders();
  desk.accept(ProviderName::POSTMARK);
  CHECK(desk.sender.sent.size() == 2);
}

TEST_CASE("receipts: one step after the other, each when the one before is answered, whatever the answer") {
  Desk desk;
  desk.order(R"({"provider":"twilio","kind":"delivered","delay_ms":30})");
  desk.accept(ProviderName::TWILIO);
  CHECK(desk.sender.words() == "sent ");
  CHECK(desk.sender.sent[0].delay == std::chrono::milliseconds{30});
  desk.sender.answer({503, ""});
  CHECK(desk.sender.words() == "sent delivered ");
  CHECK(desk.sender.sent[1].delay == std::chrono::milliseconds{0});
  desk.sender.answer();
  CHECK(desk.sender.sent.size() == 2);
  const auto& notes = desk.state.inbox.find(1)->receipts;
  REQUIRE(notes.size() == 2);
  CHECK(notes[0].kind == "sent");
  CHECK(notes[0].status == 503);
  CHECK(notes[1].status == 200);
}

TEST_CASE("receipts: in reverse, repeated and forged as ordered") {
  Desk desk;
  desk.order(R"({"provider":"twilio","kind":"undelivered","reverse":true,"duplicate":1,"forge":"signature"})");
  desk.accept(ProviderName::TWILIO);
  CHECK(desk.sender.words() == "undelivered! undelivered! ");
  desk.sender.answer();
  CHECK(desk.sender.sent.size() == 2);
  desk.sender.answer();
  CHECK(desk.sender.words() == "undelivered! undelivered! sent! sent! ");
}

TEST_CASE("receipts: figures tell what was taken, what failed and why, what waits and what was dropped") {
  Desk desk;
  desk.order(R"({"provider":"sendgrid","kind":"delivered","url":"http://127.0.0.1:9/x"})");
  for (int i = 0; i < 3; ++i) desk.accept(ProviderName::SENDGRID);
  CHECK(desk.stats().find(R"("receipts":{"sent":0,"accepted":0,"failed":{},"dropped":0,"waiting":6})") !=
        std::string::npos);
  desk.sender.answer({204, ""});
  desk.sender.answer({401, ""});
  desk.sender.answer({0, "TIMEOUT"});
  desk.sender.full = true;
  desk.accept(ProviderName::SENDGRID);
  CHECK(desk.stats().find(
            R"("receipts":{"sent":6,"accepted":2,"failed":{"401":2,"TIMEOUT":2},"dropped":2,"waiting":0})") !=
        std::string::npos);
}

TEST_CASE("receipts: with before_answer the call waits until all of them have been answered") {
  Desk desk;
  desk.order(R"({"provider":"twilio","kind":"delivered","before_answer":true})");
  const Answer answer = desk.accept(ProviderName::TWILIO);
  REQUIRE(answer.first);
  bool answered = false;
  answer.first([&answered] { answered = true; });
  desk.sender.answer();
  CHECK_FALSE(answered);
  desk.sender.answer({0, "CONNECT"});
  CHECK(answered);
  desk.sender.full = true;
  const Answer at_once = desk.accept(ProviderName::TWILIO);
  REQUIRE(at_once.first);
  answered = false;
  at_once.first([&answered] { answered = true; });
  CHECK(answered);
}

TEST_CASE("receipts: a Twilio call without StatusCallback gets none") {
  Desk desk({"http://127.0.0.1:9", "", ""});
  ProviderCall call;
  call.provider = ProviderName::TWILIO;
  call.recipient = "+447700900123";
  Answer answer;
  desk.receipts.accepted(call, "the-id", 1, answer);
  CHECK(desk.sender.sent.empty());
  CHECK_FALSE(answer.first);
}

std::string token_of(const RecordingSender::Sent& sent) {
  return sent.parcel.confirmation_token;
}

TEST_CASE("receipts: SNS sends nothing but its question until the subscription is confirmed") {
  Desk desk;
  desk.order(R"({"provider":"ses","kind":"delivered","url":"http://127.0.0.1:9/ses","before_answer":true})");
  CHECK(desk.sender.words() == "confirm ");
  const Answer early = desk.accept(ProviderName::SES);
  CHECK_FALSE(early.first);
  CHECK(desk.sender.words() == "confirm ");
  CHECK(desk.receipts.json().find(R"("confirmed":false,"held":1)") != std::string::npos);
  CHECK_FALSE(desk.receipts.confirm("another"));
  CHECK(desk.receipts.confirm(token_of(desk.sender.sent[0])));
  CHECK(desk.sender.words() == "confirm Delivery ");
  CHECK(desk.receipts.json().find(R"("confirmed":true,"held":0)") != std::string::npos);
  CHECK(desk.accept(ProviderName::SES).first);
  CHECK(desk.sender.words() == "confirm Delivery Delivery ");
}

TEST_CASE("receipts: SNS asks again with a later message while nobody confirms") {
  Desk desk({"http://127.0.0.1:9", "", ""});
  desk.accept(ProviderName::SES);
  desk.accept(ProviderName::SES);
  CHECK(desk.sender.words() == "confirm ");
  desk.clock.advance(subscribe_again_after);
  desk.accept(ProviderName::SES);
  CHECK(desk.sender.words() == "confirm confirm ");
  CHECK(token_of(desk.sender.sent[0]) == token_of(desk.sender.sent[1]));
  CHECK(desk.receipts.confirm(token_of(desk.sender.sent[0])));
  CHECK(desk.sender.words() == "confirm confirm Delivery Delivery Delivery ");
}

TEST_CASE("receipts: what waits for a confirmation is bounded") {
  Desk desk({"http://127.0.0.1:9", "", ""});
  for (std::size_t i = 0; i < held_receipts_max + 3; ++i) desk.accept(ProviderName::SES);
  CHECK(desk.receipts.figures(ProviderName::SES).waiting == held_receipts_max);
  CHECK(desk.receipts.figures(ProviderName::SES).dropped == 3);
}

TEST_CASE("receipts: orders with mistakes are refused, those of providers that send none too") {
  Desk desk;
  CHECK(desk.receipts.order(R"({"provider":"postmark","kind":"delivered"})").error().code == "INVALID_ORDER");
  CHECK(desk.receipts.order(R"({"provider":"sns","kind":"delivered"})").error().code == "INVALID_ORDER");
}

}  // namespace
