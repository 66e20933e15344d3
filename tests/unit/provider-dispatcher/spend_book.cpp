#include "provider-dispatcher/app/spend_book.hpp"

#include <catch2/catch.hpp>

#include "named_provider.hpp"
#include "provider-dispatcher/app/provider_board.hpp"
#include "time/testing/manual_clock.hpp"

using namespace carillon;
using namespace carillon::dispatcher;
using namespace std::chrono_literals;
using events::Channel;

namespace {

constexpr ProviderIndex twilio = 0;
constexpr ProviderIndex console = 1;

Roster roster_of_two() {
  std::vector<std::unique_ptr<Provider>> providers;
  providers.push_back(std::make_unique<dispatcher::testing::NamedProvider>("twilio", Channel::SMS));
  providers.push_back(std::make_unique<dispatcher::testing::NamedProvider>("console", Channel::SMS));
  return Roster(std::move(providers), {{}, {"twilio", "console"}, {}, true});
}

SpendSettings limit_of_one_dollar() {
  auto prices = PriceList::parse(R"({"currency":"USD","providers":{
      "twilio":{"channel":"SMS","free_units_per_month":10,"price_per_unit":"0.10"}}})");
  REQUIRE(prices);
  return {std::move(prices).value(), {{"twilio", MicroUsd{1'000'000}}}};
}

struct Book {
  carillon::testing::ManualClock clock{*from_rfc3339("2026-11-30T12:00:00Z")};
  Roster roster = roster_of_two();
  SpendBook book{roster, limit_of_one_dollar()};
  bool reached() { return book.limit_reached(twilio); }
  void read(std::int64_t units) {
    book.begin_reading();
    book.renew(month_of(clock.now()), {{"twilio", units}});
  }
};

}  // namespace

TEST_CASE("spend limit: it is reached at 100 %, by what was read and what was added, free units apart") {
  Book b;
  CHECK_FALSE(b.reached());
  b.read(19);
  CHECK(to_text(b.book.spent(twilio)) == "0.90");
  CHECK_FALSE(b.reached());
  b.book.add({{"twilio", 1}}, b.clock.now());
  CHECK(b.reached());
  CHECK(b.book.limits_reached() == std::vector<bool>{true, false});
  CHECK(b.book.standings().size() == 1);
  CHECK(to_text(b.book.standings()[0].spent) == "1.00");
}

TEST_CASE("spend limit: a provider without a limit never reaches one") {
  Book b;
  b.book.add({{"console", 1'000'000}}, b.clock.now());
  CHECK_FALSE(b.book.limit_reached(console));
}

TEST_CASE("spend limit: a reading takes the place of what was added before it, and keeps what was added during it") {
  Book b;
  b.book.add({{"twilio", 15}}, b.clock.now());
  b.book.begin_reading();
  b.book.add({{"twilio", 2}}, b.clock.now());
  b.book.renew(month_of(b.clock.now()), {{"twilio", 15}});
  CHECK(to_text(b.book.spent(twilio)) == "0.70");  // 17 units, 10 of them free
  b.read(17);
  CHECK(to_text(b.book.spent(twilio)) == "0.70");
}

TEST_CASE("spend limit: a new UTC month begins at nothing, and late news of the old one don't count into it") {
  Book b;
  b.read(500);
  REQUIRE(b.reached());
  const UtcTime november = b.clock.now();
  b.clock.advance(12h);  // 1 December, 00:00 UTC
  b.read(0);
  CHECK_FALSE(b.reached());
  b.book.add({{"twilio", 500}}, november);
  b.book.begin_reading();
  b.book.renew(month_of(november), {{"twilio", 500}});
  CHECK_FALSE(b.reached());
  CHECK(b.book.spent(twilio) == MicroUsd{});
}

TEST_CASE("spend limit: the first addition of a new month takes the old one's sums away before any reading") {
  Book b;
  b.read(500);
  b.clock.advance(12h);
  b.book.add({{"twilio", 1}}, b.clock.now());
  CHECK_FALSE(b.reached());
}

TEST_CASE("spend limit: the board shuts a provider whose limit is reached, whatever its breaker says") {
  Book b;
  ProviderBoard board(2, b.book);
  CHECK(board.gate(twilio, b.clock.now()) == Gate::PASS);
  b.read(20);
  CHECK(board.gate(twilio, b.clock.now()) == Gate::SHUT);
  CHECK(board.gate(console, b.clock.now()) == Gate::PASS);
  const auto links = b.roster.links(Channel::SMS, board.snapshot(), board.limits_reached(), b.clock.now());
  CHECK(choose_provider(links, {}) == 1);
}
