#include "provider-dispatcher/core/claim_walk.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace carillon::dispatcher;
using namespace std::chrono_literals;

namespace {

constexpr UtcTime noon = from_unix_micros(1'790'000'000'000'000);
constexpr SteadyTime began{1h};
constexpr DueFrom beginning{};

LastDue found(std::optional<UtcTime> critical, std::optional<UtcTime> normal, std::optional<UtcTime> bulk) {
  return {critical, normal, bulk};
}

}  // namespace

TEST_CASE("claim walk: the first is whole, the next goes on where it ended") {
  ClaimWalk walk;
  const auto first = walk.start(began);
  CHECK(first.whole);
  CHECK(first.due_from == beginning);
  CHECK(walk.whole_due_at() == SteadyTime::max());
  walk.ended(first, noon, found({}, noon - 1h, {}), true, began, began + 2ms);
  const auto next = walk.start(began + 3ms);
  CHECK_FALSE(next.whole);
  CHECK(next.due_from[1] == noon - 1h);
  CHECK(next.due_from[2] == beginning[2]);  // nobody has looked there
}

TEST_CASE("claim walk: whole walks take a tenth of the time, and come at the latest after five seconds") {
  ClaimWalk walk;
  walk.ended(walk.start(began), noon, {}, false, began, began + 20ms);
  CHECK(walk.whole_due_at() == SteadyTime::max());
  CHECK_FALSE(walk.start(began + 219ms).whole);
  CHECK(walk.start(began + 220ms).whole);
  walk.ended(walk.start(began + 100ms), noon, {}, false, began + 100ms, began + 101ms);
  CHECK(walk.whole_due_at() == began + 220ms);
  walk.ended(walk.start(began + 1min), noon, {}, false, began + 1min, began + 2min);
  CHECK(walk.start(began + 2min + whole_walk_pause_max).whole);
  CHECK_FALSE(walk.start(began + 2min + whole_walk_pause_max - 1ms).whole);
}

TEST_CASE("claim walk: a priority that was seen to its end is gone on with a quarter of a second before it") {
  ClaimWalk walk;
  walk.ended(walk.start(began), noon, found({}, noon - 1h, noon - 2h), true, began, began + 1ms);
  const DueFrom from = walk.start(began + 2ms).due_from;
  CHECK(from[0] == noon - late_commit_max);  // nothing there
  CHECK(from[1] == noon - late_commit_max);  // all of it, then BULK
  CHECK(from[2] == noon - 2h);               // as many as asked for: there may be more
  walk.ended(walk.start(began + 2ms), noon + 1s, found({}, noon, {}), false, began + 2ms, began + 3ms);
  for (const UtcTime next : walk.start(began + 4ms).due_from) CHECK(next == noon + 1s - late_commit_max);
}

TEST_CASE("claim walk: after a whole walk has met rows behind, the next goes on behind them") {
  ClaimWalk walk;
  walk.ended(walk.start(began), noon, found({}, noon - 1min, {}), true, began, began + 1ms);
  walk.ended(walk.start(began + 1s), noon, found({}, noon - 1h, {}), true, began + 1s, began + 1s + 1ms);
  CHECK(walk.start(began + 1s + 2ms).due_from[1] == noon - 1h);
}
