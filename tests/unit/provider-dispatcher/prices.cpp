#include "provider-dispatcher/core/prices.hpp"

#include <catch2/catch.hpp>

#include "provider-dispatcher/adapters/price_file.hpp"

using namespace carillon;
using namespace carillon::dispatcher;

namespace {

std::string list_with(const std::string& providers) {
  return R"({"currency":"USD","providers":{)" + providers + "}}";
}

std::string detail_of(const std::string& json) {
  const auto list = PriceList::parse(json);
  REQUIRE_FALSE(list);
  CHECK(list.error().code == "INVALID_PRICE_FILE");
  return list.error().detail;
}

}  // namespace

TEST_CASE("prices: the file in the program holds the known free tiers and prices, and says what is not known") {
  const auto list = load_price_file("");
  REQUIRE(list);
  struct Expected {
    const char* provider;
    events::Channel channel;
    std::int64_t free_units;
    std::optional<std::int64_t> micros;
  };
  for (const Expected& expected :
       {Expected{"ses", events::Channel::EMAIL, 62'000, {}}, Expected{"sendgrid", events::Channel::EMAIL, 3'000, {}},
        Expected{"smtp", events::Channel::EMAIL, 15'000, {}}, Expected{"postmark", events::Channel::EMAIL, 0, {}},
        Expected{"sns", events::Channel::SMS, 1'000, 6'450}, Expected{"twilio", events::Channel::SMS, 0, 7'500},
        Expected{"console", events::Channel::SMS, 0, 0}, Expected{"slack", events::Channel::SLACK, 0, 0}}) {
    INFO(expected.provider);
    const Price* price = list->find(expected.provider);
    REQUIRE(price != nullptr);
    CHECK(price->channel == expected.channel);
    CHECK(price->free_units == expected.free_units);
    CHECK(price->unit_price.has_value() == expected.micros.has_value());
    if (expected.micros) CHECK(price->unit_price->micros == *expected.micros);
  }
  CHECK(list->find("pigeon") == nullptr);
}

TEST_CASE("prices: a month's units are free first, then paid, and uncovered where no price is known") {
  const auto list = load_price_file("");
  const Cost below = cost_of(list->find("sns"), 1'000);
  CHECK((below.free == 1'000 && below.paid == 0 && below.amount == MicroUsd{}));
  const Cost above = cost_of(list->find("sns"), 1'001);
  CHECK((above.free == 1'000 && above.paid == 1 && above.amount == MicroUsd{6'450}));
  CHECK(to_text(cost_of(list->find("sns"), 20'000).amount) == "122.55");
  CHECK(to_text(cost_of(list->find("twilio"), 20'000).amount) == "150.00");
  const Cost ses = cost_of(list->find("ses"), 62'500);
  CHECK((ses.free == 62'000 && ses.uncovered == 500 && ses.amount == MicroUsd{}));
  CHECK(cost_of(list->find("postmark"), 7).uncovered == 7);
  CHECK(cost_of(nullptr, 7).uncovered == 7);
  const Cost console = cost_of(list->find("console"), 7);
  CHECK((console.paid == 7 && console.uncovered == 0 && console.amount == MicroUsd{}));
  CHECK(cost_of(list->find("twilio"), -3).units == 0);
}

TEST_CASE("prices: an SMS counts its segments, everything else 1") {
  CHECK(units_of(events::Channel::SMS, 3) == 3);
  CHECK(units_of(events::Channel::SMS, 0) == 1);
  CHECK(units_of(events::Channel::EMAIL, 0) == 1);
  CHECK(units_of(events::Channel::SLACK, 5) == 1);
}

TEST_CASE("prices: a file that leaves something open is refused, with the place") {
  CHECK(detail_of("{").find("JSON") != std::string::npos);
  CHECK(detail_of("[]").find("currency") != std::string::npos);
  CHECK(detail_of(R"({"currency":"EUR","providers":{}})").find("currency") == 0);
  CHECK(detail_of(R"({"currency":"USD","providers":{},"more":1})").find("file") == 0);
  const std::string channel = R"("channel":"SMS")", free = R"("free_units_per_month":0)",
                    price = R"("price_per_unit":"0.01")";
  const auto twilio = [](const std::string& members) { return list_with("\"twilio\":{" + members + "}"); };
  CHECK(PriceList::parse(twilio(channel + "," + free + "," + price)));
  CHECK(detail_of(twilio(free + "," + price)).find("channel is missing") != std::string::npos);
  CHECK(detail_of(twilio(channel + "," + price)).find("free_units_per_month is missing") != std::string::npos);
  CHECK(detail_of(twilio(channel + "," + free)).find("price_per_unit is missing") != std::string::npos);
  CHECK(detail_of(twilio(channel + "," + free + "," + price + R"(,"pirce":1)")).find("pirce") != std::string::npos);
  CHECK(detail_of(twilio(channel + "," + free + R"(,"price_per_unit":0.01)")).find("twilio.price_per_unit") !=
        std::string::npos);
  CHECK(detail_of(twilio(channel + "," + free + R"(,"price_per_unit":"0.0000001")")).find("6 decimals") !=
        std::string::npos);
  CHECK(detail_of(twilio(channel + "," + price + R"(,"free_units_per_month":-1)")).find("whole number") !=
        std::string::npos);
  CHECK(detail_of(twilio(free + "," + price + R"(,"channel":"PIGEON")")).find("EMAIL, SMS or SLACK") !=
        std::string::npos);
  const std::string whole = "{" + channel + "," + free + "," + price + "}";
  CHECK(detail_of(list_with("\"a\":" + whole + ",\"a\":" + whole)).find("twice") != std::string::npos);
  CHECK(detail_of(list_with("\"A B\":" + whole)).find("lower-case") != std::string::npos);
  std::string many;
  for (char name = 'a'; name <= 'i'; ++name)
    many += (many.empty() ? "\"" : ",\"") + std::string(1, name) + "\":" + whole;
  CHECK(detail_of(list_with(many)).find("more than 8") != std::string::npos);
}

TEST_CASE("prices: a file that can't be read is named") {
  const auto list = load_price_file("/nonexistent/prices.json");
  REQUIRE_FALSE(list);
  CHECK(list.error().detail.find("/nonexistent/prices.json") != std::string::npos);
}
