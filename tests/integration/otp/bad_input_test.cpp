#include <catch2/catch.hpp>

#include "integration/otp/world.hpp"

using namespace carillon;
using namespace carillon::otp;
using namespace carillon::otp::testing;

TEST_CASE("otp bad input: a send that can't be right gets everybody's answer and one audit entry") {
  World world;
  const std::string good = world.send(ann).body;
  const std::size_t before = world.audits().size();
  const std::vector<std::string> bodies{
      R"({})",
      R"({"phone_number":447700900789,"action":"PHONE_VERIFY"})",
      R"({"phone_number":["+447700900789"],"action":"PHONE_VERIFY"})",
      R"({"phone_number":null,"action":"PHONE_VERIFY"})",
      R"({"phone_number":"+447700900789"})",
      R"({"phone_number":"+447700900789","action":"TRANSFER_MONEY"})",
      R"({"phone_number":"+447700900789","action":"EMAIL_VERIFY"})",
      R"({"phone_number":"+447700900789","email":"ann@example.com","action":"PHONE_VERIFY"})",
      R"({"phone_number":"+447700900789","action":"PHONE_VERIFY","colour":"red"})",
      R"({"phone_number":"07700900789","action":"PHONE_VERIFY"})",
      R"({"phone_number":"+４４7700900789","action":"PHONE_VERIFY"})",
      R"({"phone_number":" +447700900789","action":"PHONE_VERIFY"})",
      R"({"phone_number":"+447700900789\u0000","action":"PHONE_VERIFY"})",
      R"({"phone_number":"+)" + std::string(40, '4') + R"(","action":"PHONE_VERIFY"})",
      R"({"email":"not an address","action":"EMAIL_VERIFY"})",
      R"({"email":"ann@example.com","action":"SENSITIVE_ACTION"})",
      R"({"phone_number":"+447700900789","action":"PHONE_VERIFY","locale":"../../etc"})",
      R"(["+447700900789"])",
      R"("+447700900789")"};
  for (const std::string& body : bodies) {
    INFO(body);
    const auto answer = world.post(send_path, body);
    CHECK(answer.status == 200);
    CHECK(answer.body == good);
  }
  const auto audits = world.audits();
  REQUIRE(audits.size() == before + bodies.size());
  for (std::size_t i = before; i < audits.size(); ++i) {
    CHECK(audits[i].action == "OTP_SEND_REQUESTED");
    CHECK(audits[i].outcome == "REFUSED");
    CHECK(events::to_json(audits[i]).find("7700900789") == std::string::npos);
  }
  CHECK(world.sent().size() == 1);
}

TEST_CASE("otp bad input: a check that can't be right gets everybody's answer and one audit entry") {
  World world;
  world.send(ann);
  const std::string wrong = world.verify(ann, world.wrong_code()).body;
  CHECK(wrong.find("invalid code") != std::string::npos);
  const std::string code = world.last_code();
  const std::size_t before = world.audits().size();
  const std::vector<std::string> bodies{R"({"phone_number":"+447700900789","action":"PHONE_VERIFY","code":123456})",
                                        verify_body(ann, ""),
                                        verify_body(ann, std::string(65, '1')),
                                        verify_body("07700900789", code),
                                        verify_body(std::string("+") + std::string(40, '4'), code),
                                        verify_body(ann, code, "NOTHING"),
                                        verify_body(ann, code, "EMAIL_VERIFY"),
                                        R"({"code":")" + code + "\"}",
                                        verify_body(ann, "12345a"),
                                        verify_body(ann, " " + code),
                                        verify_body(bob, code)};
  for (const std::string& body : bodies) {
    INFO(body);
    const auto answer = world.post(verify_path, body);
    CHECK(answer.status == 400);
    CHECK(answer.body == wrong);
  }
  CHECK(world.audits().size() == before + bodies.size());
  CHECK(world.number("SELECT failures FROM otp.recipients") ==
        3);  // those that named a number with a code and an action
  CHECK(world.verify(ann, code).status == 200);
}

TEST_CASE("otp bad input: what is no JSON is refused openly, before anything is looked at") {
  World world;
  for (const char* body : {"", "{", "phone_number=+447700900789", "{\"phone_number\":\"\xff\"}"}) {
    INFO(body);
    const auto answer = world.post(send_path, body);
    CHECK(answer.status == 400);
    CHECK(answer.body.find("MALFORMED_JSON") != std::string::npos);
  }
  CHECK(world.post(send_path, send_body(ann), {{"Content-Type", "text/plain"}}).status == 415);
  CHECK(world.audits().empty());
}

TEST_CASE("otp access: callers need a key with the scope otp; where it is public anybody may send and verify only") {
  const http::Fields none{{"Authorization", "none"}};
  SECTION("key") {
    World world;
    CHECK(world.post(send_path, send_body(ann), none).status == 401);
    CHECK(world.post(verify_path, verify_body(ann, "123456"), none).status == 401);
    CHECK(world.send(ann, "PHONE_VERIFY", {{"Authorization", "Bearer " + world.other_key}}).status == 403);
    CHECK(world.audits().empty());
  }
  SECTION("public") {
    OtpSettings settings = test_settings();
    settings.is_public = true;
    World world(settings);
    CHECK(world.post(send_path, send_body(ann), none).status == 200);
    CHECK(world.post(verify_path, verify_body(ann, world.last_code()), none).status == 200);
    CHECK(world.post("/api/otp/step-up/redeem", R"({"token":"x","phone_number":"+447700900789"})", none).status == 401);
    CHECK(world.post("/api/otp/verified", R"({"phone_number":"+447700900789"})", none).status == 401);
  }
}

TEST_CASE("otp legacy: the retired routes say 410, where to go and with which fields") {
  World world;
  for (const char* path : {"/api/sms/send-otp", "/api/sms/verify-otp", "/api/sms/otp/send", "/api/sms/otp/verify"}) {
    INFO(path);
    const auto answer = world.post(path, "{}");
    CHECK(answer.status == 410);
    for (const char* part :
         {"LEGACY_OTP_ENDPOINT_DEPRECATED", "/api/otp/send", "/api/otp/verify", "phone_number", "code"})
      CHECK(answer.body.find(part) != std::string::npos);
  }
  CHECK(world.audits().empty());
}

TEST_CASE("otp: without its tables a request is answered 5xx, and nothing is half done") {
  World world;
  world.owner.run("ALTER TABLE otp.challenges RENAME TO gone");
  CHECK(world.send(ann).status == 500);
  world.owner.run("ALTER TABLE otp.gone RENAME TO challenges");
  CHECK(world.sent().empty());
  CHECK(world.number("SELECT count(*) FROM otp.recipients") == 0);
  CHECK(world.send(ann).status == 200);
  CHECK(world.sent().size() == 1);
}
