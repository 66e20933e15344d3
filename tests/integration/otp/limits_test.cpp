#include <catch2/catch.hpp>

#include "integration/otp/world.hpp"
#include "otp/app/housekeeping.hpp"

using namespace carillon;
using namespace carillon::otp;
using namespace carillon::otp::testing;
using namespace std::chrono_literals;

namespace {

std::string numbered(int i) {
  std::string digits = std::to_string(i);
  return "+4477009" + std::string(5 - digits.size(), '0') + digits;
}

OtpSettings behind_proxy(RateLimit per_ip) {
  OtpSettings settings = test_settings();
  settings.trusted_proxies = {*parse_network("127.0.0.0/8")};
  settings.rules.sends_per_ip = settings.rules.checks_per_ip = per_ip;
  return settings;
}

}  // namespace

TEST_CASE("otp per address: after its limit a caller gets no more codes, whatever it writes before the proxy's entry") {
  World world(behind_proxy({5, 3600s}));
  for (int i = 0; i < 8; ++i)
    CHECK(
        world.send(numbered(i), "PHONE_VERIFY", {{"X-Forwarded-For", "9.9.9." + std::to_string(i) + ", 198.51.100.1"}})
            .status == 200);
  CHECK(world.sent().size() == 5);
  CHECK(world.audited("OTP_RATE_LIMITED") == 3);
  world.send(numbered(8), "PHONE_VERIFY", {{"X-Forwarded-For", "9.9.9.9"}, {"X-Forwarded-For", "198.51.100.1"}});
  CHECK(world.sent().size() == 5);
  world.send(numbered(9), "PHONE_VERIFY", {{"X-Forwarded-For", "198.51.100.2"}});
  CHECK(world.sent().size() == 6);
  world.clock.advance(2h);
  world.send(numbered(10), "PHONE_VERIFY", {{"X-Forwarded-For", "198.51.100.1"}});
  CHECK(world.sent().size() == 7);
}

TEST_CASE("otp per address: a caller that is no trusted proxy is not believed, and one with a key has no address") {
  OtpSettings settings = behind_proxy({2, 3600s});
  settings.trusted_proxies = {*parse_network("10.0.0.0/8")};
  SECTION("with a key it stands for nobody") {
    World world(settings);
    for (int i = 0; i < 4; ++i) world.send(numbered(i), "PHONE_VERIFY", {{"X-Forwarded-For", "198.51.100.1"}});
    CHECK(world.sent().size() == 4);
  }
  SECTION("where anybody may call it stands for itself") {
    settings.is_public = true;
    World world(settings);
    for (int i = 0; i < 4; ++i)
      world.send(numbered(i), "PHONE_VERIFY", {{"X-Forwarded-For", "198.51.100." + std::to_string(i)}});
    CHECK(world.sent().size() == 2);
    CHECK(world.audits().at(0).actor == "public");
  }
}

TEST_CASE("otp per address: after too many tries from one address no code is looked at, and no number is locked") {
  World world(behind_proxy({3, 3600s}));
  world.send(ann);
  const http::Fields from{{"X-Forwarded-For", "198.51.100.1"}};
  for (int i = 0; i < 3; ++i) world.post(verify_path, verify_body(numbered(i), "123456"), from);
  CHECK(world.post(verify_path, verify_body(ann, world.last_code()), from).status == 400);
  CHECK(world.audited("OTP_RATE_LIMITED") == 1);
  CHECK(world.verify(ann, world.last_code()).status == 200);
}

TEST_CASE("otp per prefix: numbers that differ in their last digits share a limit, however many ask at once") {
  OtpSettings settings = test_settings();
  settings.rules.sends_per_prefix = {10, 3600s};
  World world(settings, 3);
  for (int i = 0; i < 14; ++i) world.post(send_path, send_body(numbered(i)), {}, i % 3);
  CHECK(world.sent().size() == 10);
  CHECK(world.audited("OTP_RATE_LIMITED") == 4);
  world.send("+4915112345678");
  CHECK(world.sent().size() == 11);
}

TEST_CASE("otp per country: numbers of one calling code share a limit, of the platform together") {
  OtpSettings settings = test_settings();
  settings.rules.sends_per_country = {4, 3600s};
  World world(settings, 2);
  for (int i = 0; i < 6; ++i) world.post(send_path, send_body("+44770090" + std::to_string(i) + "111"), {}, i % 2);
  CHECK(world.sent().size() == 4);
  world.send("+4915112345678");
  CHECK(world.sent().size() == 5);
}

TEST_CASE("otp countries: a number of another country is answered as ever, audited, and gets nothing") {
  OtpSettings settings = test_settings();
  settings.rules.allowed_countries = {"+49"};
  World world(settings);
  const auto refused = world.send(ann);
  CHECK(refused.body == world.send("+4915112345678").body);
  REQUIRE(world.sent().size() == 1);
  CHECK(world.audits().at(0).reason == "COUNTRY_NOT_ALLOWED");
}

TEST_CASE("otp test numbers: nothing is sent, the fixed code works, and the limits hold for them too") {
  OtpSettings settings = test_settings();
  settings.rules.test_codes = {{ann, "424242"}};
  World world(settings);
  for (int i = 0; i < 4; ++i) world.send(ann);
  CHECK(world.sent().empty());
  CHECK(world.audited("OTP_SENT") == 3);
  CHECK(world.audited("OTP_RATE_LIMITED") == 1);
  CHECK(world.verify(ann, "424242").status == 200);
  CHECK(world.verify(ann, "424242").status == 400);
  CHECK(world.number("SELECT count(*) FROM otp.conversion_counts") == 0);
}

TEST_CASE("otp conversion: few codes used of a country's raise one alarm, whoever looks, until it has recovered") {
  World world;
  for (int i = 0; i < 20; ++i) world.send(numbered(i));
  const std::string used = world.last_code();
  world.send("+4915112345678");
  world.clock.advance(10min);
  const ConversionRule rule{30, 20};
  const auto look = [&] { return watch_conversion(world.owner, world.bus(), rule, world.clock.now()); };
  CHECK(look() == 1);
  CHECK(look() == 0);
  std::vector<events::SendRequest> alerts;
  for (const auto& received : world.published(bus::topics::send_requests)) {
    auto request = events::from_json<events::SendRequest>(received.record.value);
    if (request && request->template_key == "OPS_ALERT_OTP_CONVERSION") alerts.push_back(*request);
  }
  REQUIRE(alerts.size() == 1);
  CHECK(alerts[0].variables.text == R"({"country":"+44","sent":20,"verified":0,"percent":0})");
  world.clock.advance(2h);  // nothing is sent any more
  CHECK(look() == 0);
  CHECK(world.number("SELECT count(*) FROM otp.conversion_alarms") == 0);
}

TEST_CASE("otp conversion: codes that are used raise no alarm") {
  World world;
  for (int i = 0; i < 20; ++i) {
    world.send(numbered(i));
    if (i % 2 == 0) CHECK(world.verify(numbered(i), world.last_code()).status == 200);
    world.clock.advance(1s);
  }
  world.clock.advance(10min);
  CHECK(watch_conversion(world.owner, world.bus(), {30, 20}, world.clock.now()) == 0);
}

TEST_CASE("otp housekeeping: rows go when nothing in them counts, wrong codes never") {
  World world;
  world.send(ann);
  world.send(bob);
  world.verify(bob, world.wrong_code());
  const Rules rules;
  drop_old_rows(world.owner, rules, world.clock.now() + 47h);
  CHECK(world.number("SELECT count(*) FROM otp.recipients") == 2);
  drop_old_rows(world.owner, rules, world.clock.now() + 49h);
  CHECK(world.number("SELECT count(*) FROM otp.recipients") == 1);
  CHECK(world.number("SELECT failures FROM otp.recipients") == 1);
  CHECK(world.number("SELECT count(*) FROM otp.challenges") == 0);
  CHECK(world.number("SELECT count(*) FROM otp.limit_counts") == 0);
}
