#include <catch2/catch.hpp>

#include "integration/provisioning/onboarding_world.hpp"
#include "provisioning/app/number_upkeep.hpp"

using namespace carillon;
using namespace carillon::provisioning;
using namespace carillon::provisioning::testing;
using namespace std::chrono_literals;

TEST_CASE("onboarding: an unknown number becomes a client and is led to COMPLETE by signed messages and a call") {
  OnboardingWorld world;
  world.seed(3);
  const auto answer = world.sms(owner_phone, "Hi!");
  CHECK(answer.status == 200);
  CHECK(http::field(answer.headers, "content-type") == "text/xml");
  CHECK(answer.body == R"(<?xml version="1.0" encoding="UTF-8"?><Response></Response>)");
  CHECK(world.state() == "S1_BUSINESS_TYPE_LOCATION");
  const Client client = world.client_of(owner_phone);
  CHECK(client.contacts.phone == owner_phone);
  auto replies = world.replies();
  REQUIRE(replies.size() == 1);
  CHECK(variable(replies[0], "reply") ==
        "Welcome! What kind of business do you run, and where? For example: Plumber, Leeds");
  CHECK(replies[0].client_id == client.id);
  CHECK(replies[0].recipient == owner_phone);
  CHECK(replies[0].min_client_version == 1);
  CHECK(replies[0].idempotency_key.starts_with("onboarding/SM"));
  for (const char* text : {"Plumber in Leeds", "Joe's Pipes \xF0\x9F\x94\xA7", "Joe", "both"})
    world.sms(owner_phone, text);
  CHECK(world.state() == "S5_CONFIRM_LIVE");
  world.edit(client.id, [](Client& one) { one.payment_active = true; });
  for (const char* text : {"YES", "iPhone", "DONE"}) world.sms(owner_phone, text);
  CHECK(world.state() == "S8_FWD_CONFIRM");
  const auto call = world.voice("+441632960000");
  CHECK(call.status == 200);
  CHECK(call.body.find("<Say>Your test call has reached us. Goodbye.</Say>") != std::string::npos);
  const Client done = world.client_of(owner_phone);
  CHECK(done.onboarding_state == "COMPLETE");
  CHECK(done.business_type == "Plumber");
  CHECK(done.location == "Leeds");
  CHECK(done.business_name == "Joe's Pipes \xF0\x9F\x94\xA7");
  CHECK(done.owner_name == "Joe");
  CHECK(done.notification_preference == "BOTH");
  CHECK(done.phone_type == "IPHONE");
  CHECK(done.twilio_number == "+441632960000");
  CHECK(world.replies().size() == 9);
  CHECK(world.last_reply() == "Your test call has reached us. You're live on +441632960000!");
  CHECK(world.audited("CLIENT_CREATED") == 1);
  CHECK(world.audited("ONBOARDING_STEP") == 9);  // S8 → S9 → COMPLETE are two
  CHECK(world.states().back().version == done.version);
  for (const auto& event : world.audits())
    for (const auto& [name, value] : event.details) CHECK(value.find("7700900123") == std::string::npos);
}

TEST_CASE("onboarding: without payment YES is refused with the client's payment link, and the state stays") {
  OnboardingWorld world;
  world.seed(3);
  world.add_client("c1", "S5_CONFIRM_LIVE", false);
  world.sms(owner_phone, "YES");
  CHECK(world.last_reply() ==
        "Please complete your payment: https://buy.stripe.com/test_1?client_reference_id=c1 Then reply READY.");
  CHECK(world.state() == "S5_CONFIRM_LIVE");
  CHECK(world.client_by_id("c1").version == 1);
  CHECK(world.audited("ONBOARDING_REFUSED") == 1);
  world.sms(owner_phone, "READY");
  CHECK(world.state() == "S5_CONFIRM_LIVE");
  SECTION("and after the payment READY goes on") {
    world.edit("c1", [](Client& client) { client.payment_active = true; });
    world.sms(owner_phone, "READY");
    CHECK(world.state() == "S6_PHONE_TYPE");
    CHECK(world.client_by_id("c1").twilio_number == "+441632960000");
    CHECK(world.client_by_id("c1").version == 3);  // the payment; number and state together
  }
}

TEST_CASE("onboarding: an empty pool keeps the state, and the client is on the list") {
  OnboardingWorld world;
  world.add_client("c1", "S5_CONFIRM_LIVE", true);
  world.sms(owner_phone, "yes");
  CHECK(world.last_reply().starts_with("You're on our priority list"));
  CHECK(world.state() == "S5_CONFIRM_LIVE");
  CHECK(world.client_by_id("c1").version == 1);
  CHECK(world.text("SELECT client_id FROM provisioning.number_waiting") == "c1");
}

TEST_CASE("onboarding: a number missing at forwarding leads back to S6, is assigned, and READY goes on") {
  OnboardingWorld world;
  world.add_client("c1", "S6_PHONE_TYPE", true);
  world.sms(owner_phone, "landline");
  CHECK(world.last_reply() == "We're assigning your number now. Reply READY in 1 minute.");
  CHECK(world.state() == "S6_PHONE_TYPE");
  CHECK(world.client_by_id("c1").phone_type.empty());
  world.owner.run("DELETE FROM provisioning.number_waiting");
  world.seed(1);
  world.sms(owner_phone, "READY");  // asks for one, and it is there
  CHECK(world.state() == "S6_PHONE_TYPE");
  CHECK(world.client_by_id("c1").twilio_number == "+441632960000");
  world.sms(owner_phone, "READY");
  CHECK(world.state() == "S7_FWD_SENT");
  CHECK(world.last_reply().find("*21*00441632960000#") != std::string::npos);
}

TEST_CASE("onboarding: what the database refuses while allocating is told and leaves S5") {
  OnboardingWorld world;
  world.seed(1);
  world.owner.run("ALTER TABLE provisioning.twilio_number_pool ADD CONSTRAINT broken CHECK (status <> 'ASSIGNED')");
  world.add_client("c1", "S5_CONFIRM_LIVE", true);
  CHECK(world.sms(owner_phone, "YES").status == 200);
  CHECK(world.last_reply() == "We couldn't assign your number just now. Reply READY in 1 minute.");
  CHECK(world.state() == "S5_CONFIRM_LIVE");
}

TEST_CASE("onboarding: two messages of one owner at the same moment are handled one after the other") {
  OnboardingWorld world(onboarding_settings(), 2);
  SECTION("of a client") {
    world.add_client("c1", "S2_BUSINESS_NAME", false);
    CHECK(world.at_once({world.sms_form(owner_phone, "Acme"), world.sms_form(owner_phone, "Zoe")}) ==
          std::map<int, int>{{200, 2}});
    const Client client = world.client_by_id("c1");
    CHECK(client.onboarding_state == "S4_NOTIF_PREF");
    CHECK(client.version == 3);
    CHECK(((client.business_name == "Acme" && client.owner_name == "Zoe") ||
           (client.business_name == "Zoe" && client.owner_name == "Acme")));
  }
  SECTION("of somebody new, who becomes one client") {
    std::vector<FormCall> calls;
    for (int n = 0; n < 10; ++n) calls.push_back(world.sms_form(owner_phone, "Hello"));
    CHECK(world.at_once(calls) == std::map<int, int>{{200, 10}});
    CHECK(world.number("SELECT count(*) FROM provisioning.clients") == 1);
    CHECK(world.audited("CLIENT_CREATED") == 1);
    CHECK(world.replies().size() == 10);
  }
}

TEST_CASE("onboarding: a message that is delivered again counts once, also at the same moment") {
  OnboardingWorld world(onboarding_settings(), 2);
  world.add_client("c1", "S2_BUSINESS_NAME", false);
  const FormCall call = world.sms_form(owner_phone, "Acme", platform_number, "SMreplayed");
  CHECK(world.at_once(std::vector<FormCall>(20, call)) == std::map<int, int>{{200, 20}});
  CHECK(world.state() == "S3_OWNER_NAME");
  CHECK(world.replies().size() == 1);
  world.clock.advance(inbound_kept_for + 1h);
  drop_old_inbound_messages(world.owner, world.clock.now());
  CHECK(world.number("SELECT count(*) FROM provisioning.inbound_messages") == 0);
}

TEST_CASE("onboarding: a forged or changed message is refused and audited, and changes nothing") {
  OnboardingWorld world;
  FormCall call = world.sms_form(owner_phone, "Hello");
  const auto post = [&](const http::Fields& headers, const std::string& body) {
    return world.call(http::Method::POST, sms_path, body, headers).status;
  };
  const http::Fields form_type{{"Content-Type", "application/x-www-form-urlencoded"}};
  call.token = "another";
  CHECK(world.post_form(call).status == 403);
  CHECK(post(form_type, "From=%2B447700900123&Body=Hello&MessageSid=SM1") == 403);
  http::Fields wrong = form_type;
  wrong.emplace_back("X-Twilio-Signature", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=");
  CHECK(post(wrong, "From=%2B447700900123&Body=Hello&MessageSid=SM1") == 403);
  CHECK(post(wrong, "From=%zz") == 403);
  CHECK(post(wrong, "Body=" + std::string(70'000, 'x')) == 413);
  CHECK(world.number("SELECT count(*) FROM provisioning.clients") == 0);
  CHECK(world.number("SELECT count(*) FROM provisioning.inbound_messages") == 0);
  CHECK(world.audited("INBOUND_REFUSED") == 1);  // once a minute at most
  CHECK(world.metrics().find("carillon_inbound_refusals_total{reason=\"MISMATCH\"}") != std::string::npos);
  SECTION("well signed, but without what it needs") {
    CHECK(world.post_form({sms_path, {{"From", owner_phone}, {"To", platform_number}, {"Body", "x"}}}).status == 400);
    CHECK(world.post_form({sms_path, {{"MessageSid", "SM1"}, {"From", owner_phone}, {"Body", std::string(1'601, 'x')}}})
              .status == 400);
    CHECK(world.post_form({voice_path, {{"From", owner_phone}, {"To", platform_number}}}).status == 400);
    CHECK(world.post_form({sms_path, {{"MessageSid", "SM2"}, {"From", "whatsapp:+447700900123"}, {"Body", "x"}}})
              .status == 200);
    CHECK(world.number("SELECT count(*) FROM provisioning.clients") == 0);
  }
}

TEST_CASE("onboarding: without an auth token the webhooks are not there") {
  ProvisioningSettings settings = onboarding_settings();
  settings.onboarding.twilio_tokens.clear();
  OnboardingWorld world(settings);
  CHECK(world.sms(owner_phone, "Hello").status == 404);
  CHECK(world.voice("+441632960000").status == 404);
}

TEST_CASE("onboarding: STOP in any state suppresses the number and is not answered; START lifts nothing") {
  OnboardingWorld world;
  world.add_client("c1", "S2_BUSINESS_NAME", false);
  CHECK(world.sms(owner_phone, "Stop.").status == 200);
  CHECK(world.sms(other_phone, "UNSUBSCRIBE").status == 200);  // nobody we know
  std::vector<events::Feedback> feedback;
  for (const auto& received : world.published(bus::topics::feedback)) {
    auto event = events::from_json<events::Feedback>(received.record.value);
    REQUIRE(event);
    feedback.push_back(*event);
  }
  REQUIRE(feedback.size() == 2);
  for (const auto& event : feedback) {
    CHECK(event.kind == events::FeedbackKind::SUPPRESS);
    CHECK(event.channel == events::Channel::SMS);
    CHECK(event.reason == "STOP");
    CHECK((event.recipient_hash == world.sealer().reference(owner_phone) ||
           event.recipient_hash == world.sealer().reference(other_phone)));
  }
  CHECK(world.replies().empty());
  CHECK(world.state() == "S2_BUSINESS_NAME");
  CHECK(world.client_by_id("c1").business_name.empty());
  CHECK(world.audited("INBOUND_STOP") == 2);
  CHECK(world.number("SELECT count(*) FROM provisioning.clients") == 1);
  CHECK(world.sms(owner_phone, "START").status == 200);
  CHECK(world.published(bus::topics::feedback).size() == 2);
  CHECK(world.last_reply() == "What is the name of your business?");  // which the orchestrator won't send
  SECTION("said by Twilio's own opt-out, in another language") {
    FormCall call = world.sms_form(owner_phone, "arrêt");
    call.form.emplace_back("OptOutType", "STOP");
    CHECK(world.post_form(call).status == 200);
    CHECK(world.audited("INBOUND_STOP") == 3);
  }
  SECTION("HELP is Twilio's to answer") {
    FormCall call = world.sms_form(owner_phone, "HELP");
    call.form.emplace_back("OptOutType", "HELP");
    CHECK(world.post_form(call).status == 200);
    CHECK(world.replies().size() == 1);
  }
}

TEST_CASE("routing: a message to a client's number reaches that client, whoever sends it") {
  OnboardingWorld world;
  world.add_client("c1", "S7_FWD_SENT", true, owner_phone, "+441632960000");
  world.add_client("c2", "S2_BUSINESS_NAME", false, other_phone);
  // Owner of another client, and somebody unknown.
  for (const char* sender : {other_phone, "+447700900999"})
    CHECK(world.sms(sender, "DONE", "+441632960000").status == 200);
  CHECK(world.number("SELECT count(*) FROM provisioning.inbound_messages WHERE client_id = 'c1' AND outcome = "
                     "'TO_CLIENT'") == 2);
  CHECK(world.state() == "S7_FWD_SENT");  // only its owner moves its conversation
  CHECK(world.state(other_phone) == "S2_BUSINESS_NAME");
  CHECK(world.replies().empty());
  CHECK(world.number("SELECT count(*) FROM provisioning.clients") == 2);
  CHECK(world.sms(owner_phone, "DONE", "+441632960000").status == 200);
  CHECK(world.state() == "S8_FWD_CONFIRM");
  SECTION("a call too, whoever calls, and once") {
    CHECK(world.voice("+441632960000", "+447700900999", "CA1").status == 200);
    CHECK(world.state() == "COMPLETE");
    const auto replies = world.replies().size();
    CHECK(world.voice("+441632960000", "+447700900999", "CA1").status == 200);
    CHECK(world.voice("+441632960000", "anonymous", "CA2").status == 200);
    CHECK(world.replies().size() == replies);
  }
}

TEST_CASE("routing: a number of the pool that is nobody's makes no client of who writes or calls there") {
  OnboardingWorld world;
  world.seed(1);
  CHECK(world.sms(owner_phone, "Is Joe there?", "+441632960000").status == 200);
  CHECK(world.voice("+441632960000").status == 200);
  CHECK(world.number("SELECT count(*) FROM provisioning.clients") == 0);
  CHECK(world.replies().empty());
  CHECK(world.number("SELECT count(*) FROM provisioning.inbound_messages WHERE outcome = 'NOBODYS'") == 2);
}

TEST_CASE("onboarding: a call before forwarding is confirmed changes nothing") {
  OnboardingWorld world;
  world.add_client("c1", "S7_FWD_SENT", true, owner_phone, "+441632960000");
  const auto answer = world.voice("+441632960000");
  CHECK(answer.body.find("<Hangup/>") != std::string::npos);
  CHECK(world.state() == "S7_FWD_SENT");
  CHECK(world.replies().empty());
}

TEST_CASE("onboarding: 1,600 characters of emoji are read, refused and answered") {
  OnboardingWorld world;
  world.add_client("c1", "S2_BUSINESS_NAME", false);
  std::string bells;
  for (int n = 0; n < 1'600; ++n) bells += "\xF0\x9F\x94\x94";
  CHECK(world.sms(owner_phone, bells).status == 200);
  CHECK(world.last_reply() == "Sorry, that is too long. Please send it in at most 120 characters.");
  CHECK(world.state() == "S2_BUSINESS_NAME");
  CHECK(world.sms(owner_phone, "\xF0\x9F\x94\x94 Bells").status == 200);
  CHECK(world.client_by_id("c1").business_name == "\xF0\x9F\x94\x94 Bells");
}

TEST_CASE("onboarding limits: new clients within an hour, and messages of one sender") {
  ProvisioningSettings settings = onboarding_settings();
  settings.onboarding.rules.new_clients_per_hour_max = 2;
  settings.onboarding.rules.messages_per_hour_max = 3;
  OnboardingWorld world(settings);
  std::vector<FormCall> calls;
  for (int n = 0; n < 6; ++n) calls.push_back(world.sms_form("+44770090000" + std::to_string(n), "Hello"));
  CHECK(world.at_once(calls) == std::map<int, int>{{200, 6}});
  CHECK(world.number("SELECT count(*) FROM provisioning.clients") == 2);
  CHECK(world.audited("INBOUND_RATE_LIMITED") == 4);
  CHECK(world.say("Hello").status == 429);
  world.clock.advance(61min);
  for (int n = 0; n < 5; ++n) world.sms(owner_phone, "READY");
  CHECK(world.number("SELECT count(*) FROM provisioning.clients") == 3);
  CHECK(world.replies().size() == 2 + 3);
}

TEST_CASE("onboarding api: answers with the reply and the state, and sends nothing") {
  OnboardingWorld world;
  const auto answer = world.say("Hello");
  CHECK(answer.status == 200);
  CHECK(answer.body.find(R"({"reply":"Welcome! What kind of business do you run, and where? For example: Plumber, )"
                         R"(Leeds","state":"S1_BUSINESS_TYPE_LOCATION","client_id":")") == 0);
  CHECK(world.say("Plumber, Leeds").body.find(R"("state":"S2_BUSINESS_NAME")") != std::string::npos);
  CHECK(world.replies().empty());
  CHECK(world.say("STOP").body.find(R"({"reply":"","state":"S2_BUSINESS_NAME")") == 0);
  const auto post = [&](const std::string& body, http::Fields headers = {}) {
    return world.call(http::Method::POST, "/api/onboarding/messages", body, std::move(headers)).status;
  };
  for (const char* body :
       {"{", "[]", "{}", R"({"owner_phone":"+447700900123"})", R"({"text":"x"})", R"({"owner_phone":"077","text":"x"})",
        R"({"owner_phone":"+447700900123","text":1})", R"({"owner_phone":"+447700900123","text":"x","more":"y"})",
        R"({"owner_phone":"+447700900123","text":"a\u0000b"})"}) {
    INFO(body);
    CHECK(post(body) == 400);
  }
  CHECK(post(R"({"owner_phone":"+447700900123","text":")" + std::string(1'601, 'x') + "\"}") == 400);
  CHECK(post("x", {{"Content-Type", "text/plain"}}) == 415);
  CHECK(post(R"({"owner_phone":"+447700900123","text":"x"})", {{"Authorization", "Bearer " + world.other_key}}) == 403);
  CHECK(post(R"({"owner_phone":"+447700900123","text":"x"})", {{"Authorization", "Bearer nonsense"}}) == 401);
  CHECK(world.state() == "S2_BUSINESS_NAME");
}

TEST_CASE("onboarding: a client that a checkout made begins with its first message, and keeps its payment") {
  OnboardingWorld world;
  world.add_client("c1", "", true);
  world.sms(owner_phone, "Hello");
  CHECK(world.state() == "S1_BUSINESS_TYPE_LOCATION");
  CHECK(world.last_reply().starts_with("Welcome!"));
  CHECK(world.number("SELECT count(*) FROM provisioning.clients") == 1);
}
