#include "provider-dispatcher/core/claim_budget.hpp"

#include <catch2/catch.hpp>

using namespace carillon::dispatcher;
using namespace std::chrono_literals;

TEST_CASE("claim budget: a quiet process holds two claims per connection, a busy one what it calls in 60 ms") {
  CHECK(claims_max(32, 0) == 64);
  CHECK(claims_max(32, 500) == 64);
  CHECK(claims_max(32, 10'000) == 632);
  CHECK(claims_max(8, 1e9) == 8 + claims_ahead_max);
}

TEST_CASE("claim budget: the pace follows the calls of the last half second") {
  Pace pace;
  auto now = std::chrono::steady_clock::time_point{} + 1h;
  for (int i = 0; i < 5'000; ++i) pace.one_call(now += 1ms);
  CHECK(pace.per_second() == Approx(1'000).epsilon(0.02));
  pace.one_call(now += 10s);
  CHECK(pace.per_second() < 10);
}
