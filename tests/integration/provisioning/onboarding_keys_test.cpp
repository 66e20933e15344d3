// Messages by the API with an Idempotency-Key.
#include <catch2/catch.hpp>
#include <future>

#include "http/message.hpp"
#include "integration/provisioning/onboarding_world.hpp"

using namespace carillon;
using namespace carillon::provisioning;
using namespace carillon::provisioning::testing;
using namespace std::chrono_literals;

namespace {

http::Answer say(OnboardingWorld& world, const std::string& key, const std::string& text, http::Fields headers = {},
                 int instance = 0, const std::string& phone = owner_phone) {
  headers.emplace_back("Idempotency-Key", key);
  return world.call(http::Method::POST, "/api/onboarding/messages",
                    "{\"owner_phone\":" + http::json_string(phone) + ",\"text\":" + http::json_string(text) + "}",
                    std::move(headers), instance);
}

}  // namespace

TEST_CASE("onboarding api: the same key and message get the same answer, and the conversation does not move") {
  OnboardingWorld world;
  const auto first = say(world, "k1", "Hello");
  REQUIRE(first.status == 200);
  CHECK(say(world, "\"k1\"", "Hello").body == first.body);
  const auto second = say(world, "k2", "Plumber, Leeds");
  CHECK(second.body.find(R"("state":"S2_BUSINESS_NAME")") != std::string::npos);
  world.say("Acme");
  CHECK(world.state() == "S3_OWNER_NAME");
  const auto audits = world.audits().size();
  CHECK(say(world, "k2", "Plumber, Leeds").body == second.body);
  CHECK(say(world, "k1", "Hello").body == first.body);
  CHECK(world.state() == "S3_OWNER_NAME");
  CHECK(world.audits().size() == audits);
  CHECK(world.number("SELECT count(*) FROM provisioning.clients") == 1);
}

TEST_CASE("onboarding api: a key that came with another message is refused with 422, and nothing moves") {
  OnboardingWorld world;
  say(world, "k1", "Hello");
  for (const auto& answer : {say(world, "k1", "Plumber, Leeds"), say(world, "k1", "Hello", {}, 0, other_phone)}) {
    CHECK(answer.status == 422);
    CHECK(answer.body.find("IDEMPOTENCY_KEY_REUSED") != std::string::npos);
  }
  CHECK(world.state() == "S1_BUSINESS_TYPE_LOCATION");
  CHECK(world.number("SELECT count(*) FROM provisioning.clients") == 1);
  CHECK(world.number("SELECT count(*) FROM provisioning.inbound_messages") == 1);
}

TEST_CASE("onboarding api: keys are their caller's; ones that can't be read are refused") {
  OnboardingWorld world;
  const std::string other = security::create_api_key(world.owner, "other", {"onboarding"}, world.clock.now());
  CHECK(say(world, "k1", "Hello").status == 200);
  CHECK(say(world, "k1", "Plumber, Leeds", {{"Authorization", "Bearer " + other}}).status == 200);
  CHECK(world.state() == "S2_BUSINESS_NAME");
  for (const std::string& key : {std::string(201, 'k'), std::string("\"open"), std::string("\"\"")})
    CHECK(say(world, key, "Acme").status == 400);
  CHECK(say(world, std::string(200, 'k'), "Acme").status == 200);
}

TEST_CASE("onboarding api: of one key and message at the same moment one is taken, and all get its answer") {
  OnboardingWorld world(onboarding_settings(), 2);
  world.say("Hello");
  std::vector<std::future<http::Answer>> answers;
  for (int i = 0; i < 12; ++i)
    answers.push_back(
        std::async(std::launch::async, [&world, i] { return say(world, "k1", "Plumber, Leeds", {}, i % 2); }));
  const std::string first = answers.front().get().body;
  CHECK(first.find(R"("state":"S2_BUSINESS_NAME")") != std::string::npos);
  for (std::size_t i = 1; i < answers.size(); ++i) CHECK(answers[i].get().body == first);
  CHECK(world.state() == "S2_BUSINESS_NAME");
}

TEST_CASE("onboarding api: a message that was over a limit is taken later with the same key") {
  ProvisioningSettings settings = onboarding_settings();
  settings.onboarding.rules.messages_per_hour_max = 1;
  OnboardingWorld world(settings);
  CHECK(say(world, "k1", "Hello").status == 200);
  CHECK(say(world, "k2", "Plumber, Leeds").status == 429);
  world.clock.advance(2h);
  CHECK(say(world, "k2", "Plumber, Leeds").body.find(R"("state":"S2_BUSINESS_NAME")") != std::string::npos);
}

TEST_CASE("onboarding api: of a message with a key no text is kept, only what was answered") {
  OnboardingWorld world;
  world.say("Hello");
  say(world, "k1", "Plumber in Leeds");
  const std::string kept =
      world.text("SELECT string_agg(m::text, ' ') FROM provisioning.inbound_messages m WHERE m.sid LIKE 'key:%'");
  CHECK(kept.find("Leeds") == std::string::npos);
  CHECK(kept.find("447700900123") == std::string::npos);
  CHECK(kept.find("k1") == std::string::npos);
  CHECK(kept.find("S2_BUSINESS_NAME") != std::string::npos);
}
