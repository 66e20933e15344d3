#include <catch2/catch.hpp>

#include "sandbox/core/faults.hpp"

namespace {

using namespace carillon::sandbox;

const carillon::UtcTime now = carillon::from_unix_micros(1'790'000'000'000'000);

Order order(const std::string& json) {
  auto parsed = parse_order(json);
  REQUIRE(parsed);
  return *parsed;
}

Mode decided(Faults& faults, ProviderName provider, std::string_view recipient = "a@example.com",
             carillon::UtcTime at = now) {
  return faults.decide(provider, recipient, at).mode;
}

TEST_CASE("orders: every field is read") {
  const Order o = order(
      R"({"provider":"twilio","mode":"status","status":429,"body":"x","error_code":20429,"delay_ms":5,"retry_after_s":7,"count":3,"probability":0.5,"seed":9,"recipient_contains":"+44","per_second":2})");
  CHECK(o.provider == "twilio");
  CHECK(o.mode == Mode::STATUS);
  CHECK(o.status == 429);
  CHECK(o.body == "x");
  CHECK(o.error_code == "20429");
  CHECK(o.delay_ms == 5);
  CHECK(o.retry_after_s == 7);
  CHECK(o.count == 3);
  CHECK(o.probability == 0.5);
  CHECK(o.seed == 9);
  CHECK(o.recipient_contains == "+44");
  CHECK(o.per_second == 2);
}

TEST_CASE("orders: an error asked for by its code brings the status its provider answers it with") {
  const auto row = GENERATE(table<std::string, int>(
      {{R"({"provider":"ses","mode":"status","error_code":"MessageRejected"})", 400},
       {R"({"provider":"ses","mode":"status","error_code":"NotFoundException"})", 404},
       {R"({"provider":"sns","mode":"status","error_code":"Throttled"})", 429},
       {R"({"provider":"sendgrid","mode":"status","error_code":"data_residency"})", 451},
       {R"({"provider":"slack","mode":"status","error_code":"channel_is_archived"})", 410},
       {R"({"provider":"postmark","mode":"status","error_code":406})", 422},
       {R"({"provider":"twilio","mode":"status","error_code":"20429"})", 429},
       {R"({"provider":"ses","mode":"status","error_code":"NoSuchThing"})", 503},
       {R"({"mode":"status","error_code":"MessageRejected"})", 503},
       {R"({"provider":"ses","mode":"status","status":500,"error_code":"MessageRejected"})", 500}}));
  INFO(std::get<0>(row));
  CHECK(order(std::get<0>(row)).status == std::get<1>(row));
}

TEST_CASE("orders: mistakes are refused with the name of the field") {
  const auto row = GENERATE(table<std::string, std::string>({{R"({"mode":"status","colour":1})", "colour"},
                                                             {R"({"mode":"sleepy"})", "mode"},
                                                             {R"({"status":503})", "mode"},
                                                             {R"({"mode":"status","status":99})", "status"},
                                                             {R"({"mode":"ok","provider":"mailgun"})", "provider"},
                                                             {R"({"mode":"hang","probability":2})", "probability"},
                                                             {R"({"mode":"delay"})", "delay_ms"},
                                                             {R"({"mode":"hang","count":-1})", "count"},
                                                             {"[]", "object"},
                                                             {"", "object"}}));
  const auto parsed = parse_order(std::get<0>(row));
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().code == "INVALID_ORDER");
  CHECK(parsed.error().detail.find(std::get<1>(row)) != std::string::npos);
}

TEST_CASE("faults: an order is good for its provider, for count calls, for its recipients") {
  Faults faults;
  CHECK(decided(faults, ProviderName::POSTMARK) == Mode::OK);
  REQUIRE(faults.set(order(R"({"provider":"postmark","mode":"hang","count":2,"recipient_contains":"a@"})")));
  CHECK(decided(faults, ProviderName::TWILIO) == Mode::OK);
  CHECK(decided(faults, ProviderName::POSTMARK, "b@example.com") == Mode::OK);
  CHECK(decided(faults, ProviderName::POSTMARK) == Mode::HANG);
  CHECK(decided(faults, ProviderName::POSTMARK) == Mode::HANG);
  CHECK(decided(faults, ProviderName::POSTMARK) == Mode::OK);
  CHECK(faults.empty());
}

TEST_CASE("faults: an order for a provider goes before one for all, a new one replaces the old, ok takes back") {
  Faults faults;
  REQUIRE(faults.set(order(R"({"provider":"postmark","mode":"hang"})")));
  REQUIRE(faults.set(order(R"({"mode":"reset"})")));
  CHECK(decided(faults, ProviderName::POSTMARK) == Mode::HANG);
  CHECK(decided(faults, ProviderName::SMTP) == Mode::RESET);
  REQUIRE(faults.set(order(R"({"provider":"postmark","mode":"garbage"})")));
  CHECK(decided(faults, ProviderName::POSTMARK) == Mode::GARBAGE);
  REQUIRE(faults.set(order(R"({"provider":"postmark","mode":"ok"})")));
  CHECK(decided(faults, ProviderName::POSTMARK) == Mode::RESET);
  REQUIRE(faults.set(order(R"({"mode":"ok"})")));
  CHECK(faults.empty());
}

TEST_CASE("faults: the same seed picks the same calls, in about the share asked for") {
  const auto picks = [](int seed) {
    Faults faults;
    REQUIRE(faults.set(order("{\"mode\":\"status\",\"probability\":0.3,\"seed\":" + std::to_string(seed) + "}")));
    std::string out;
    for (int i = 0; i < 2'000; ++i) out += decided(faults, ProviderName::POSTMARK) == Mode::STATUS ? '1' : '0';
    return out;
  };
  const std::string first = picks(7);
  CHECK(first == picks(7));
  CHECK(first != picks(8));
  const auto share = std::count(first.begin(), first.end(), '1');
  CHECK(share > 500);
  CHECK(share < 700);
}

TEST_CASE("faults: rate refuses what is over per_second in one second") {
  Faults faults;
  REQUIRE(faults.set(order(R"({"mode":"rate","per_second":2})")));
  CHECK(decided(faults, ProviderName::TWILIO) == Mode::OK);
  CHECK(decided(faults, ProviderName::TWILIO) == Mode::OK);
  CHECK(decided(faults, ProviderName::TWILIO) == Mode::RATE);
  CHECK(decided(faults, ProviderName::TWILIO, "+44", now + std::chrono::seconds{1}) == Mode::OK);
}

TEST_CASE("faults: orders are bounded") {
  Faults faults;
  for (int i = 0; i < 100; ++i)
    REQUIRE(faults.set(order("{\"mode\":\"hang\",\"recipient_contains\":\"" + std::to_string(i) + "\"}")));
  const auto one_more = faults.set(order(R"({"mode":"hang"})"));
  REQUIRE_FALSE(one_more);
  CHECK(one_more.error().code == "TOO_MANY_ORDERS");
}

}  // namespace
