#include "receipt_calls.hpp"

using namespace carillon;
using namespace carillon::dispatcher;
using namespace carillon::dispatcher::testing;
using events::Status;
using http::Method;

namespace {

const Script::Answer keep_open = [](const OutboundMessage&) { return std::nullopt; };

// One dispatcher whose Postmark tells what becomes of its mails.
struct Scene {
  Scene() : world(clock), instance(world.start({postmark}, {}, postmark_settings())) {}

  http::Response tell(const std::string& body) { return instance.call(Method::POST, postmark_path, {}, body); }
  // A message that was sent.
  std::string sent() {
    const auto dispatch = world.dispatch();
    world.publish({dispatch});
    REQUIRE(world.until_status(dispatch.message_id, Status::SENT));
    return dispatch.message_id;
  }
  // A message whose call stayed without answer.
  std::string held() {
    postmark->always(failed(OutcomeKind::UNCONFIRMED, Reason::NO_ANSWER));
    const auto dispatch = world.dispatch();
    world.publish({dispatch});
    REQUIRE(world.until_status(dispatch.message_id, Status::UNCONFIRMED));
    return dispatch.message_id;
  }
  std::int64_t early() { return world.number("SELECT count(*) FROM dispatcher.early_receipts"); }

  SystemClock clock;
  ScriptPtr postmark = std::make_shared<Script>("postmark");
  World world;
  Instance& instance;
};

}  // namespace

TEST_CASE_METHOD(Scene, "receipts: a hard bounce is logged, audited, and suppresses the recipient") {
  const std::string id = sent();
  CHECK(tell(postmark_bounce(id, 1, clock.now())).status == 200);
  CHECK(world.statuses(id) == std::vector{Status::SENT, Status::BOUNCED});
  const auto event = world.log(id).back();
  CHECK(event.provider == "postmark");
  CHECK(event.attempt == 1);
  CHECK(event.reason == "HARD_BOUNCE");
  CHECK(event.provider_message_id == "pm-1");
  CHECK(event.detail.find("ann@") == std::string::npos);
  const auto audits = world.audits("MESSAGE_DELIVERY");
  REQUIRE(audits.size() == 1);
  CHECK(audits[0].outcome == "BOUNCED");
  CHECK(audits[0].subject_id == id);
  const auto feedback = world.feedback();
  REQUIRE(feedback.size() == 1);
  CHECK(feedback[0].kind == events::FeedbackKind::SUPPRESS);
  CHECK(feedback[0].channel == events::Channel::EMAIL);
  CHECK(feedback[0].reason == "HARD_BOUNCE");
  CHECK(feedback[0].recipient_hash == world.sealer.reference("ann@example.com"));
}

TEST_CASE_METHOD(Scene, "receipts: the same receipt again, at another instance too, has no second effect") {
  Instance& other = world.start({postmark}, {}, postmark_settings());
  const std::string id = sent();
  const std::string bounce = postmark_bounce(id, 1, clock.now());
  const std::string delivery = postmark_delivery(id, 1, clock.now());
  for (int i = 0; i < 3; ++i) {
    CHECK(tell(bounce).status == 200);
    CHECK(other.call(Method::POST, postmark_path, {}, bounce).status == 200);
    CHECK(tell(delivery).status == 200);
  }
  CHECK(world.audits("MESSAGE_DELIVERY").size() == 1);
  CHECK(world.feedback().size() == 1);
  std::size_t bounced = 0;
  for (const auto& event : world.log(id)) bounced += event.status == Status::BOUNCED ? 1 : 0;
  CHECK(bounced == 1);
}

TEST_CASE_METHOD(Scene, "receipts: in one commit a repeated bounce has one effect too") {
  const std::string id = sent();
  const std::string bounce = postmark_bounce(id, 1, clock.now());
  std::vector<std::future<http::Response>> answers;
  for (int i = 0; i < 16; ++i) answers.push_back(instance.begin(Method::POST, postmark_path, {}, bounce));
  for (auto& answer : answers) CHECK(answer.get().status == 200);
  CHECK(world.feedback().size() == 1);
  CHECK(world.audits("MESSAGE_DELIVERY").size() == 1);
}

TEST_CASE_METHOD(Scene, "receipts: a forged call is refused, counted, and audited once for all of them") {
  const std::string id = sent();
  const std::string bounce = postmark_bounce(id, 1, clock.now());
  for (int i = 0; i < 50; ++i) {
    CHECK(instance.call(Method::POST, "/api/webhooks/postmark?token=guess", {}, bounce).status == 403);
  }
  const auto bare = instance.call(Method::POST, "/api/webhooks/postmark", {}, bounce);
  CHECK(bare.status == 401);  // Postmark comes again after it, but not after 403
  CHECK_FALSE(http::field(bare.headers, "WWW-Authenticate").empty());
  CHECK(
      instance.call(Method::POST, "/api/webhooks/postmark?token=", {{"Authorization", "Basic eDp5"}}, bounce).status ==
      403);
  REQUIRE(world.until([&] { return !world.audits("RECEIPTS_REFUSED").empty(); }));
  CHECK(world.statuses(id) == std::vector{Status::SENT});
  CHECK(world.feedback().empty());
  CHECK(world.audits("RECEIPTS_REFUSED").size() <= 2);  // one at once, one for what came in that very moment
  CHECK(instance.metrics().find("carillon_receipt_refusals_total{provider=\"postmark\",reason=\"MISMATCH\"} 50") !=
        std::string::npos);
}

TEST_CASE_METHOD(Scene, "receipts: what can't be read is answered 400 with the reason, and counted") {
  const auto answer = tell("{\"RecordType\":");
  CHECK(answer.status == 400);
  CHECK(answer.body.find("MALFORMED_RECEIPT") != std::string::npos);
  CHECK(tell("[]").status == 400);
  CHECK(tell("{\"RecordType\":\"Open\"}").status == 200);
  CHECK(tell(postmark_delivery("not-a-uuid", 1, clock.now())).status == 200);
  CHECK(tell(std::string(postmark_body_bytes_max + 1, ' ')).status == 413);
  const std::string metrics = instance.metrics();
  CHECK(metrics.find("reason=\"MALFORMED_RECEIPT\"} 2") != std::string::npos);
  CHECK(metrics.find("carillon_receipts_total{kind=\"NOTHING_NEW\",provider=\"postmark\"} 1") != std::string::npos);
  CHECK(metrics.find("carillon_receipts_total{kind=\"FOREIGN\",provider=\"postmark\"} 1") != std::string::npos);
}

TEST_CASE_METHOD(Scene, "receipts: webhooks that are not configured are not there") {
  for (const char* path : {"/api/webhooks/sendgrid", "/api/webhooks/ses", "/api/webhooks/twilio/status"}) {
    CHECK(instance.call(Method::POST, path, {}, "{}").status == 404);
  }
}

TEST_CASE_METHOD(Scene, "unconfirmed: a held message is SENT when a receipt says that its provider has it") {
  const std::string id = held();
  CHECK(world.number("SELECT count(*) FROM dispatcher.pending WHERE state = 2") == 1);
  CHECK(tell(postmark_delivery(id, 1, clock.now())).status == 200);
  CHECK(world.statuses(id) == std::vector{Status::UNCONFIRMED, Status::SENT, Status::DELIVERED});
  const auto sent = world.log(id)[1];
  CHECK(sent.template_key == "PAYMENT_FAILED");
  CHECK(sent.provider == "postmark");
  CHECK(sent.provider_message_id == "pm-1");
  CHECK(sent.attempt == 1);
  CHECK(sent.source == "api:shop");
  CHECK(world.pending() == 0);
  const auto audits = world.audits("MESSAGE_RESOLVED");
  REQUIRE(audits.size() == 1);
  CHECK(audits[0].outcome == "SENT");
  CHECK(audits[0].reason == "RECEIPT");
  CHECK(tell(postmark_delivery(id, 1, clock.now())).status == 200);
  CHECK(world.audits("MESSAGE_RESOLVED").size() == 1);
}

TEST_CASE_METHOD(Scene, "unconfirmed: a held message that bounced is SENT and BOUNCED") {
  const std::string id = held();
  CHECK(tell(postmark_bounce(id, 1, clock.now())).status == 200);
  CHECK(world.statuses(id) == std::vector{Status::UNCONFIRMED, Status::SENT, Status::BOUNCED});
  CHECK(world.feedback().size() == 1);
}

TEST_CASE_METHOD(Scene, "unconfirmed: a receipt that comes before the call ends is kept and resolves the message") {
  postmark->answers(keep_open);
  const auto dispatch = world.dispatch();
  world.publish({dispatch});
  REQUIRE(postmark->wait_for_calls(1));
  CHECK(tell(postmark_delivery(dispatch.message_id, 1, clock.now())).status == 200);
  CHECK(world.statuses(dispatch.message_id) == std::vector{Status::DELIVERED});
  CHECK(early() == 1);
  postmark->answer(0, failed(OutcomeKind::UNCONFIRMED, Reason::NO_ANSWER));
  REQUIRE(world.until_status(dispatch.message_id, Status::SENT));
  CHECK(world.statuses(dispatch.message_id) == std::vector{Status::DELIVERED, Status::UNCONFIRMED, Status::SENT});
  CHECK(world.pending() == 0);
  CHECK(early() == 0);
}

TEST_CASE_METHOD(Scene, "receipts: one that comes before its outcome changes nothing of a call that is accepted") {
  postmark->answers(keep_open);
  const auto dispatch = world.dispatch();
  world.publish({dispatch});
  REQUIRE(postmark->wait_for_calls(1));
  CHECK(tell(postmark_delivery(dispatch.message_id, 1, clock.now())).status == 200);
  postmark->answer(0, accepted());
  REQUIRE(world.until([&] { return early() == 0; }));
  CHECK(world.statuses(dispatch.message_id) == std::vector{Status::DELIVERED, Status::SENT});
  CHECK(world.audits("MESSAGE_RESOLVED").empty());
}

TEST_CASE_METHOD(Scene,
                 "unconfirmed: a message that waits to be sent again is not when a receipt says that it arrived") {
  postmark->always(failed(OutcomeKind::UNCONFIRMED, Reason::NO_ANSWER));
  auto dispatch = world.dispatch();
  dispatch.unconfirmed_policy = events::UnconfirmedPolicy::RESEND;
  world.publish({dispatch});
  REQUIRE(world.until_status(dispatch.message_id, Status::UNCONFIRMED));
  REQUIRE(world.number("SELECT count(*) FROM dispatcher.pending WHERE state = 0") == 1);
  SECTION("delivered: it is SENT by the call that the receipt is of") {
    CHECK(tell(postmark_delivery(dispatch.message_id, 1, clock.now())).status == 200);
    CHECK(world.pending() == 0);
    CHECK(world.statuses(dispatch.message_id) == std::vector{Status::UNCONFIRMED, Status::SENT, Status::DELIVERED});
    CHECK_FALSE(world.log(dispatch.message_id)[1].extra_call);
  }
  SECTION("given up by the provider: it is sent again") {
    CHECK(tell(postmark_bounce(dispatch.message_id, 1, clock.now(), "SoftBounce")).status == 200);
    CHECK(world.pending() == 1);
  }
  CHECK(postmark->count() == 1);
}

TEST_CASE("receipts: a signed SendGrid call is believed, an old or a changed one is not") {
  const SystemClock clock;
  const auto sendgrid = std::make_shared<Script>("sendgrid");
  const auto signer = security::webhooks::SendGridSigner::generate();
  ReceiptSettings settings;
  settings.sendgrid_keys = {*security::webhooks::SendGridKey::from_base64(signer.public_key())};
  settings.sendgrid_tolerance = std::chrono::seconds{300};
  World world(clock);
  Instance& instance = world.start({sendgrid}, {}, settings);
  const auto tell = [&](const std::string& body, const std::string& signed_body, UtcTime at) {
    const std::string timestamp = std::to_string(security::webhooks::unix_seconds(at));
    return instance
        .call(Method::POST, "/api/webhooks/sendgrid",
              {{"X-Twilio-Email-Event-Webhook-Signature", signer.sign(timestamp, signed_body)},
               {"X-Twilio-Email-Event-Webhook-Timestamp", timestamp}},
              body)
        .status;
  };
  const auto dispatch = world.dispatch();
  world.publish({dispatch});
  REQUIRE(world.until_status(dispatch.message_id, Status::SENT));
  const UtcTime now = clock.now();
  const std::string complaint = sendgrid_events(dispatch.message_id, "spamreport", now);
  CHECK(tell(complaint, complaint, now - std::chrono::minutes{6}) == 403);
  CHECK(tell(complaint, complaint, now + std::chrono::minutes{6}) == 403);
  CHECK(tell(complaint, complaint + " ", now) == 403);
  CHECK(world.statuses(dispatch.message_id) == std::vector{Status::SENT});
  CHECK(tell(complaint, complaint, now) == 200);
  CHECK(world.statuses(dispatch.message_id) == std::vector{Status::SENT, Status::COMPLAINED});
  CHECK(world.feedback().at(0).reason == "COMPLAINT");
  CHECK(world.log(dispatch.message_id).back().provider_message_id == "14c5d75ce93.dfd.64b469");
}

TEST_CASE("receipts: Twilio's signature covers the address it called, whatever a proxy made of it") {
  const SystemClock clock;
  const auto twilio = std::make_shared<Script>("twilio", events::Channel::SMS);
  ReceiptSettings settings;
  settings.twilio_tokens = {"auth-token"};
  settings.twilio_status_url = "https://bell.example.com/api/webhooks/twilio/status";
  World world(clock);
  Instance& instance = world.start({twilio}, {}, settings);
  auto dispatch = world.dispatch();
  dispatch.channel = events::Channel::SMS;
  dispatch.recipient = "+447700900123";
  world.publish({dispatch});
  REQUIRE(world.until_status(dispatch.message_id, Status::SENT));
  const std::string query = "?message_id=" + dispatch.message_id + "&attempt=1";
  const std::vector<security::webhooks::FormField> form{{"AccountSid", "AC1"},
                                                        {"ErrorCode", "21610"},
                                                        {"MessageSid", "SM1"},
                                                        {"MessageStatus", "undelivered"},
                                                        {"To", "+447700900123"}};
  const std::string body = "AccountSid=AC1&ErrorCode=21610&MessageSid=SM1&MessageStatus=undelivered&To=%2B447700900123";
  const auto tell = [&](const std::string& signed_url) {
    return instance
        .call(Method::POST, "/api/webhooks/twilio/status" + query,
              {{"X-Twilio-Signature", security::webhooks::sign_twilio(signed_url, form, "auth-token")}}, body)
        .status;
  };
  CHECK(tell("http://10.0.0.7:8080/api/webhooks/twilio/status" + query) == 403);
  CHECK(tell(settings.twilio_status_url + query + "0") == 403);
  CHECK(tell(settings.twilio_status_url + query) == 200);
  CHECK(world.statuses(dispatch.message_id) == std::vector{Status::SENT, Status::UNDELIVERED});
  const auto feedback = world.feedback();
  REQUIRE(feedback.size() == 1);
  CHECK(feedback[0].reason == "STOP");
  CHECK(feedback[0].recipient_hash == world.sealer.reference("+447700900123"));
}

TEST_CASE(
    "receipts: who answers STOP to Twilio is suppressed, whichever provider wrote last; a forged answer is refused") {
  const SystemClock clock;
  ReceiptSettings settings;
  settings.twilio_tokens = {"auth-token"};
  settings.twilio_status_url = "https://bell.example.com/api/webhooks/twilio/status";
  settings.twilio_answers_url = "https://bell.example.com/api/webhooks/twilio/answers";
  World world(clock);
  Instance& instance = world.start({std::make_shared<Script>("sns", events::Channel::SMS)}, {}, settings);
  const std::vector<security::webhooks::FormField> form{
      {"Body", "Stop"}, {"From", "+447700900123"}, {"MessageSid", "SM2"}, {"To", "+15005550006"}};
  const auto tell = [&](const std::string& token) {
    return instance.call(
        Method::POST, "/api/webhooks/twilio/answers",
        {{"X-Twilio-Signature", security::webhooks::sign_twilio(settings.twilio_answers_url, form, token)}},
        "Body=Stop&From=%2B447700900123&MessageSid=SM2&To=%2B15005550006");
  };
  CHECK(tell("another").status == 403);
  CHECK(world.feedback().empty());
  const auto answer = tell("auth-token");
  CHECK(answer.status == 200);
  CHECK(answer.content_type == "text/xml");
  CHECK(answer.body == "<Response/>");
  const auto feedback = world.feedback();
  REQUIRE(feedback.size() == 1);
  CHECK(feedback[0].kind == events::FeedbackKind::SUPPRESS);
  CHECK(feedback[0].channel == events::Channel::SMS);
  CHECK(feedback[0].reason == "STOP");
  CHECK(feedback[0].recipient_hash == world.sealer.reference("+447700900123"));
  CHECK(world.number("SELECT count(*) FROM dispatcher.unmatched_receipts") == 0);
  CHECK(instance.metrics().find("effect=\"recipient_suppressed\"} 1") != std::string::npos);
}
