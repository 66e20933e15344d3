#include "provider-dispatcher/core/spend.hpp"

#include <catch2/catch.hpp>
#include <numeric>
#include <random>

#include "provider-dispatcher/adapters/price_file.hpp"
#include "time/testing/manual_clock.hpp"

using namespace carillon;
using namespace carillon::dispatcher;
using namespace std::chrono_literals;

namespace {

constexpr Month november = 2026y / std::chrono::November;

Calendar calendar(Day today, std::optional<Day> since) {
  return {november, today, since};
}

UtcTime at(const char* text) {
  return *from_rfc3339(text);
}

}  // namespace

TEST_CASE("spend: days and months are those of UTC, to the microsecond") {
  carillon::testing::ManualClock clock(at("2026-11-30T23:59:59.999999Z"));
  CHECK(to_text(day_of(clock.now())) == "2026-11-30");
  CHECK(to_text(month_of(clock.now())) == "2026-11");
  clock.advance(1us);
  CHECK(to_text(day_of(clock.now())) == "2026-12-01");
  CHECK(to_text(month_of(clock.now())) == "2026-12");
  CHECK(to_text(month_of(at("2026-12-01T00:30:00+01:00"))) == "2026-11");
  CHECK(to_text(first_day(november)) == "2026-11-01");
  CHECK(to_text(end_day(november)) == "2026-12-01");
  CHECK(to_text(end_day(2026y / std::chrono::December)) == "2027-01-01");
  CHECK(to_text(end_day(2028y / std::chrono::February) - std::chrono::days{1}) == "2028-02-29");
}

TEST_CASE("spend: a month is written as 2026-11 and nothing else") {
  CHECK(parse_month("2026-11") == november);
  for (const char* text : {"", "2026", "2026-1", "2026-00", "2026-13", "26-11", "2026-11-01", "2026/11", "1999-12",
                           "9999-01", "2026-1a", " 026-11"}) {
    INFO(text);
    CHECK_FALSE(parse_month(text));
  }
}

TEST_CASE("forecast: what was counted, and the mean of the last 7 days for each day left") {
  const Day today = first_day(november) + std::chrono::days{20};  // 21 November, 9 days after it
  // 140 in 7 days: 20 a day; today 5 so far becomes 20.
  CHECK(forecast_units(calendar(today, first_day(november)), 300, 5, 140) == 295 + 20 + 9 * 20);
  CHECK(forecast_units(calendar(today, first_day(november)), 300, 50, 140) == 250 + 50 + 9 * 20);
  // 10 in 7 days, over 9 days 12.86: rounded once, not nine times.
  CHECK(forecast_units(calendar(today, first_day(november)), 10, 0, 10) == 10 + 1 + 13);
}

TEST_CASE("forecast: counting that began later has a mean of fewer days, and the first day has no forecast") {
  const Day today = first_day(november) + std::chrono::days{20};
  CHECK(forecast_units(calendar(today, today - std::chrono::days{2}), 45, 5, 40) == 40 + 20 + 9 * 20);
  CHECK(forecast_units(calendar(today, today), 45, 45, 0) == std::nullopt);
  CHECK(forecast_units(calendar(today, std::nullopt), 0, 0, 0) == std::nullopt);
}

TEST_CASE("forecast: the first of a month goes by the last days of the one before; the last day has none left") {
  CHECK(forecast_units(calendar(first_day(november), first_day(november) - std::chrono::days{30}), 3, 3, 70) ==
        10 + 29 * 10);
  const Day last = end_day(november) - std::chrono::days{1};
  CHECK(forecast_units(calendar(last, first_day(november)), 290, 0, 70) == 290 + 10);
}

TEST_CASE("forecast: a month that is over is its own, one to come has none") {
  CHECK(forecast_units(calendar(end_day(november), first_day(november)), 290, 0, 70) == 290);
  CHECK(forecast_units(calendar(first_day(november) - std::chrono::days{1}, std::nullopt), 0, 0, 70) == std::nullopt);
}

TEST_CASE("spend: parts add up to the whole, whatever the weights") {
  CHECK(share_out(10, std::vector<std::int64_t>{1, 1, 1}) == std::vector<std::int64_t>{4, 3, 3});
  CHECK(share_out(1, std::vector<std::int64_t>{1, 2}) == std::vector<std::int64_t>{0, 1});
  CHECK(share_out(5, std::vector<std::int64_t>{0, 0}) == std::vector<std::int64_t>{0, 0});
  CHECK(share_out(5, {}).empty());
  const auto seed = GENERATE(range<std::uint64_t>(1, 31));
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::vector<std::int64_t> weights;
  for (int i = 0; i < 20; ++i) weights.push_back(static_cast<std::int64_t>(random() % 1'000'000'000'000));
  const std::int64_t weight = std::accumulate(weights.begin(), weights.end(), std::int64_t{0});
  const std::int64_t total = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(weight));
  const auto parts = share_out(total, weights);
  CHECK(std::accumulate(parts.begin(), parts.end(), std::int64_t{0}) == total);
  for (std::size_t i = 0; i < parts.size(); ++i) CHECK(parts[i] <= weights[i]);
}

TEST_CASE("cost report: templates share what their provider costs, to the micro-dollar") {
  const auto prices = load_price_file("");
  const Day today = first_day(november) + std::chrono::days{10};
  const std::vector<Used> used{{"postmark", "WELCOME_EMAIL", 4, 4, 0, 4},
                               {"sns", "OTP_CODE_SMS", 700, 1'500, 100, 1'400},
                               {"sns", "ADMIN_MANUAL_SMS", 500, 500, 0, 0}};
  const std::vector<ListedProvider> listed{{"sns", events::Channel::SMS}, {"twilio", events::Channel::SMS}};
  const std::map<std::string, MicroUsd> limits{{"sns", *parse_usd("100")}};
  const CostReport report = cost_report(calendar(today, first_day(november)), used, listed, *prices, limits);
  REQUIRE(report.providers.size() == 3);
  const ProviderCost& postmark = report.providers[0];
  CHECK(postmark.channel == events::Channel::EMAIL);
  CHECK(postmark.so_far.uncovered == 4);
  CHECK(postmark.templates[0].uncovered == 4);
  CHECK(postmark.templates[0].spent == MicroUsd{});
  const ProviderCost& sns = report.providers[1];
  CHECK(sns.messages == 1'200);
  CHECK(sns.so_far.free == 1'000);
  CHECK(to_text(sns.so_far.amount) == "6.45");
  CHECK(sns.limit == MicroUsd{100'000'000});
  CHECK(to_text(sns.templates[0].spent) == "4.8375");  // 750 of the 1,000 paid units
  CHECK(to_text(sns.templates[1].spent) == "1.6125");
  // 1,400 in 7 days: 200 a day, 19 days after today.
  CHECK(sns.forecast->units == 1'900 + 200 + 19 * 200);
  CHECK(*sns.templates[0].forecast + *sns.templates[1].forecast == sns.forecast->amount);
  CHECK(report.providers[2].so_far.units == 0);
  CHECK_FALSE(report.providers[2].limit);
  CHECK(report.spent == sns.so_far.amount);
  CHECK(report.forecast == sns.forecast->amount);
  CHECK(report.uncovered.at(events::Channel::EMAIL) == 4);
  CHECK(report.days_counted == 7);
}

TEST_CASE("cost report: on the first day of counting there is no forecast") {
  const Day today = first_day(november) + std::chrono::days{10};
  const std::vector<Used> used{{"twilio", "OTP_CODE_SMS", 10, 10, 10, 0}};
  const CostReport report = cost_report(calendar(today, today), used, {}, *load_price_file(""), {});
  CHECK(to_text(report.spent) == "0.075");
  CHECK_FALSE(report.forecast);
  CHECK_FALSE(report.providers[0].forecast);
  CHECK_FALSE(report.providers[0].templates[0].forecast);
}
