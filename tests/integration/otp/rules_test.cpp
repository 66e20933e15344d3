#include <catch2/catch.hpp>

#include "integration/otp/world.hpp"

using namespace carillon;
using namespace carillon::otp;
using namespace carillon::otp::testing;
using namespace std::chrono_literals;

TEST_CASE("otp: a code goes out through the pipe, sealed, and the right answer verifies the number") {
  World world;
  const auto answer = world.send(ann);
  CHECK(answer.status == 200);
  const auto sent = world.sent();
  REQUIRE(sent.size() == 1);
  const events::SendRequest& request = sent[0].request;
  CHECK(sent[0].recipient == ann);
  CHECK(request.template_key == "OTP_CODE_SMS");
  CHECK(request.expires_at == world.clock.now() + 600s);
  CHECK(request.metadata.at("action") == "PHONE_VERIFY");
  CHECK(request.metadata.at("phone_hash") == world.sealer().reference(ann));
  CHECK(request.metadata.at("attempt_count") == "1");
  CHECK(world.post("/api/otp/verified", R"({"phone_number":"+447700900789"})").body == R"({"verified":false})");
  CHECK(world.verify(ann, sent[0].code).body == R"({"verified":true})");
  CHECK(world.post("/api/otp/verified", R"({"phone_number":"+447700900789"})").body.find("verified_at") !=
        std::string::npos);
  std::vector<std::string> actions;
  for (const auto& event : world.audits()) {
    actions.push_back(event.action);
    CHECK(event.actor == "api:shop");
    CHECK(event.subject_id == world.sealer().reference(ann));
  }
  CHECK(actions == std::vector<std::string>{"OTP_SEND_REQUESTED", "OTP_SENT", "OTP_VERIFY_SUCCESS"});
}

TEST_CASE("otp: an address is verified by e-mail") {
  World world;
  CHECK(world.post(send_path, R"({"email":"Ann@EXAMPLE.com","action":"EMAIL_VERIFY","locale":"de"})").status == 200);
  const auto sent = world.sent();
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].recipient == "ann@example.com");
  CHECK(sent[0].request.template_key == "OTP_CODE_EMAIL");
  CHECK(sent[0].request.locale == "de");
  CHECK(world.post(verify_path, R"({"email":"aNN@example.com","action":"EMAIL_VERIFY","code":")" + sent[0].code + "\"}")
            .status == 200);
}

TEST_CASE("otp rate limit: the fourth send in 30 min is audited OTP_RATE_LIMITED and sends nothing") {
  World world;
  const std::string first = world.send(ann).body;
  for (int i = 2; i <= 4; ++i) {
    world.clock.advance(1min);
    const auto answer = world.send(ann);
    CHECK(answer.status == 200);
    CHECK(answer.body == first);
  }
  CHECK(world.sent().size() == 3);
  CHECK(world.audited("OTP_SEND_REQUESTED") == 4);
  CHECK(world.audited("OTP_SENT") == 3);
  CHECK(world.audited("OTP_RATE_LIMITED") == 1);
  world.clock.advance(27min);  // the first is half an hour old
  world.send(ann);
  CHECK(world.sent().size() == 4);
}

TEST_CASE("otp lockout: wrong code counts and locks after 5, and the right one is refused meanwhile") {
  World world;
  world.send(ann);
  const std::string right = world.last_code(), wrong = world.wrong_code();
  for (int i = 0; i < 5; ++i) CHECK(world.verify(ann, wrong).status == 400);
  CHECK(world.audited("OTP_VERIFY_FAILED") == 5);
  CHECK(world.audited("OTP_LOCKED_OUT") == 1);
  const auto refused = world.verify(ann, right);
  CHECK(refused.status == 400);
  CHECK(refused.body == world.verify(bob, right).body);
  CHECK(world.audited("OTP_LOCKED_OUT") == 2);
  SECTION("a send meanwhile is answered as ever and sends nothing") {
    CHECK(world.send(ann).status == 200);
    CHECK(world.sent().size() == 1);
    CHECK(world.audited("OTP_LOCKED_OUT") == 3);
  }
  SECTION("its codes ended with the lockout") {
    CHECK(world.number("SELECT count(*) FROM otp.challenges") == 0);
  }
  SECTION("after 15 min a new code works") {
    world.clock.advance(15min);
    world.send(ann);
    CHECK(world.verify(ann, world.last_code()).status == 200);
  }
}

TEST_CASE("otp lockout: a new code does not reset the count, and it runs over all actions") {
  World world;
  world.send(ann);
  for (int i = 0; i < 3; ++i) world.verify(ann, world.wrong_code());
  world.clock.advance(1s);
  world.send(ann, "SENSITIVE_ACTION");
  world.verify(ann, world.wrong_code(), "SENSITIVE_ACTION");
  world.clock.advance(1s);
  world.send(ann);
  world.verify(ann, world.wrong_code());
  CHECK(world.verify(ann, world.last_code()).status == 400);
  CHECK(world.audited("OTP_LOCKED_OUT") == 2);
}

TEST_CASE("otp expiry: at 600 s exactly a code is worth nothing any more") {
  World world;
  world.send(ann);
  world.clock.advance(600s);
  CHECK(world.verify(ann, world.last_code()).status == 400);
  world.send(ann);
  world.clock.advance(600s - 1us);
  CHECK(world.verify(ann, world.last_code()).status == 200);
}

TEST_CASE("otp: a code is of no use a second time, for another action or another number") {
  World world;
  world.send(ann);
  const std::string code = world.last_code();
  world.clock.advance(1s);
  world.send(bob);
  CHECK(world.verify(bob, code).status == 400);
  CHECK(world.verify(ann, code, "SENSITIVE_ACTION").status == 400);
  CHECK(world.verify(ann, code).status == 200);
  CHECK(world.verify(ann, code).status == 400);
  CHECK(world.audited("OTP_VERIFY_FAILED") == 3);
}

TEST_CASE("otp: a new code takes the place of the old one") {
  World world;
  world.send(ann);
  const std::string old = world.last_code();
  do {
    world.clock.advance(31min);
    world.send(ann);
  } while (world.last_code() == old);
  CHECK(world.verify(ann, old).status == 400);
  CHECK(world.verify(ann, world.last_code()).status == 200);
}

TEST_CASE("otp races: 200 wrong guesses at once evaluate exactly 5") {
  World world(test_settings(), 3);
  world.send(ann);
  const auto statuses = world.at_once(200, verify_path, verify_body(ann, world.wrong_code()));
  CHECK(statuses == std::map<int, int>{{400, 200}});
  CHECK(world.audited("OTP_VERIFY_FAILED") == 5);
  CHECK(world.audited("OTP_LOCKED_OUT") == 1 + 195);
  CHECK(world.number("SELECT failures FROM otp.recipients") == 5);
  CHECK(world.verify(ann, world.last_code()).status == 400);
}

TEST_CASE("otp races: 200 right answers at once give exactly 1 success") {
  World world(test_settings(), 3);
  world.send(ann);
  const auto statuses = world.at_once(200, verify_path, verify_body(ann, world.last_code()));
  CHECK(statuses == std::map<int, int>{{200, 1}, {400, 199}});
  CHECK(world.audited("OTP_VERIFY_SUCCESS") == 1);
}

TEST_CASE("otp races: 20 sends at once send 3") {
  World world(test_settings(), 3);
  CHECK(world.at_once(20, send_path, send_body(ann)) == std::map<int, int>{{200, 20}});
  CHECK(world.sent().size() == 3);
  CHECK(world.audited("OTP_RATE_LIMITED") == 17);
}

TEST_CASE("otp step-up: the token of a SENSITIVE_ACTION is good once, for its number, for five minutes") {
  World world(test_settings(), 3);
  world.send(ann, "SENSITIVE_ACTION");
  const auto answer = world.verify(ann, world.last_code(), "SENSITIVE_ACTION");
  REQUIRE(answer.status == 200);
  CHECK(answer.body.find("\"expires_in_seconds\":300") != std::string::npos);
  const auto begin = answer.body.find("crs_");
  REQUIRE(begin != std::string::npos);
  const std::string token = answer.body.substr(begin, answer.body.find('"', begin) - begin);
  const auto body = [&](const char* number) {
    return R"({"token":")" + token + R"(","phone_number":")" + number + "\"}";
  };
  CHECK(world.post("/api/otp/step-up/redeem", body(bob)).status == 400);
  SECTION("20 who bring it at once are let in once") {
    CHECK(world.at_once(20, "/api/otp/step-up/redeem", body(ann)) == std::map<int, int>{{200, 1}, {400, 19}});
    CHECK(world.audited("OTP_STEP_UP_USED") == 1);
  }
  SECTION("it ends after five minutes") {
    world.clock.advance(300s);
    CHECK(world.post("/api/otp/step-up/redeem", body(ann)).status == 400);
  }
}

TEST_CASE("otp: without a pepper nothing is sent, it is audited, and /readyz names the setting") {
  OtpSettings settings = test_settings();
  settings.pepper.clear();
  World world(settings);
  const auto answer = world.send(ann);
  CHECK(answer.status == 503);
  CHECK(answer.body.find("OTP_PEPPER") != std::string::npos);
  CHECK(world.verify(ann, "123456").status == 503);
  CHECK(world.sent().empty());
  REQUIRE(world.audits().size() == 2);
  CHECK(world.audits()[0].action == "OTP_SEND_REQUESTED");
  CHECK(world.audits()[0].reason == "OTP_PEPPER_MISSING");
  const auto missing = world.service().ready_checks().at(0).missing();
  REQUIRE(missing);
  CHECK(missing->find("OTP_PEPPER") != std::string::npos);
}

TEST_CASE("otp: nothing that rests holds the number or the code") {
  World world;
  world.send(ann);
  const std::string code = world.last_code();
  world.verify(ann, world.wrong_code());
  world.verify(ann, code);
  for (const bus::Topic& topic : {bus::topics::send_requests, bus::topics::audit}) {
    for (const auto& received : world.published(topic)) {
      CHECK(received.record.value.find("7700900789") == std::string::npos);
      CHECK(received.record.key.find("7700900789") == std::string::npos);
      CHECK(received.record.value.find("\"" + code + "\"") == std::string::npos);
    }
  }
  for (const char* table : {"recipients", "challenges", "limit_counts", "verified_recipients", "step_up_tokens"}) {
    CHECK(world.number("SELECT count(*) FROM otp." + std::string(table) + " AS t WHERE t::text LIKE '%7700900789%'") ==
          0);
  }
}
