#include "provider-dispatcher/core/cost_compare.hpp"

#include <catch2/catch.hpp>

#include "provider-dispatcher/adapters/price_file.hpp"

using namespace carillon;
using namespace carillon::dispatcher;

namespace {

std::vector<Way> ways(events::Channel channel, std::int64_t units) {
  return ways_to_send(*load_price_file(""), channel, units);
}

std::vector<std::string> names(const std::vector<Way>& ways) {
  std::vector<std::string> all;
  for (const Way& way : ways) all.push_back(way.name());
  return all;
}

const Way& named(const std::vector<Way>& ways, const std::string& name) {
  const auto found = std::find_if(ways.begin(), ways.end(), [&](const Way& way) { return way.name() == name; });
  REQUIRE(found != ways.end());
  return *found;
}

}  // namespace

TEST_CASE("cost compare: 20,000 SMS cost 150.00 USD by twilio, 122.55 by sns, and console is no way") {
  const auto all = ways(events::Channel::SMS, 20'000);
  CHECK(names(all) == std::vector<std::string>{"sns", "twilio"});
  CHECK(to_text(all[0].amount) == "122.55");
  CHECK(all[0].free == 1'000);
  CHECK(to_text(all[1].amount) == "150.00");
  CHECK(all[1].uncovered == 0);
}

TEST_CASE("cost compare: without ses 20,000 mails leave 2,000 uncovered, and that is not called free") {
  const auto all = ways(events::Channel::EMAIL, 20'000);
  CHECK(all.front().name() == "ses");
  CHECK(all.front().free == 20'000);
  const Way& without = named(all, "smtp + sendgrid");
  CHECK(without.free == 18'000);
  CHECK(without.uncovered == 2'000);
  CHECK(without.amount == MicroUsd{});
  CHECK(named(all, "postmark").uncovered == 20'000);
  for (const Way& way : all) CHECK(way.free + way.paid + way.uncovered == way.units);
}

TEST_CASE("cost compare: a combination is a way only when each member gets something to send") {
  CHECK(names(ways(events::Channel::EMAIL, 100)) == std::vector<std::string>{"ses", "sendgrid", "smtp", "postmark"});
  const auto all = names(ways(events::Channel::EMAIL, 80'000));
  CHECK(all.front() == "ses + smtp + sendgrid");
  CHECK(std::find(all.begin(), all.end(), "ses + postmark") == all.end());
}

TEST_CASE("cost compare: free tiers are used first and the rest goes to the cheapest known price") {
  const auto prices = PriceList::parse(
      R"({"currency":"USD","providers":{
        "dear":{"channel":"SMS","free_units_per_month":100,"price_per_unit":"0.02"},
        "cheap":{"channel":"SMS","free_units_per_month":0,"price_per_unit":"0.01"}}})");
  REQUIRE(prices);
  const auto all = ways_to_send(*prices, events::Channel::SMS, 1'000);
  CHECK(names(all) == std::vector<std::string>{"dear + cheap", "cheap", "dear"});
  CHECK(to_text(all[0].amount) == "9.00");
  CHECK(to_text(all[1].amount) == "10.00");
  CHECK(to_text(all[2].amount) == "18.00");
}
