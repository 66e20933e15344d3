#include <algorithm>

#include "world.hpp"

using namespace carillon;
using namespace carillon::dispatcher;
using namespace carillon::dispatcher::testing;
using events::Status;
using namespace std::chrono_literals;

namespace {

std::vector<events::Dispatch> bulk(World& world, int count) {
  std::vector<events::Dispatch> dispatches;
  for (int i = 0; i < count; ++i) {
    dispatches.push_back(world.dispatch());
    dispatches.back().priority = events::Priority::BULK;
  }
  return dispatches;
}

std::size_t most_in_a_second(std::vector<ScriptedCall> calls) {
  std::sort(calls.begin(), calls.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  std::size_t most = 0;
  for (std::size_t first = 0, last = 0; last < calls.size(); ++last) {
    while (calls[last].at - calls[first].at >= 1s) ++first;
    most = std::max(most, last - first + 1);
  }
  return most;
}

}  // namespace

TEST_CASE("rate: a CRITICAL message overtakes 2,000 waiting BULK ones within 200 ms") {
  const SystemClock clock;
  const auto postmark = std::make_shared<Script>("postmark");
  postmark->rate_per_second = 14;
  World world(clock, {postmark});
  world.publish(bulk(world, 2'000));
  REQUIRE(world.until([&] { return world.pending() > 1'900; }));
  REQUIRE(postmark->wait_for_calls(5));
  auto critical = world.dispatch();
  critical.priority = events::Priority::CRITICAL;
  // The time counts from when the record is stored: before that no provider rate is involved.
  const auto published = std::chrono::steady_clock::now();
  world.publish({critical});
  std::optional<SteadyTime> called;
  REQUIRE(world.until([&] {
    for (const auto& call : postmark->calls()) {
      if (call.message.message_id == critical.message_id) called = call.at;
    }
    return called.has_value();
  }));
  CHECK(*called - published < 200ms);
}

TEST_CASE("rate: three instances together never exceed it in any second, and use 97 % of it") {
  const SystemClock clock;
  const auto postmark = std::make_shared<Script>("postmark");
  postmark->rate_per_second = 50;
  constexpr std::size_t calls_max = 1'500;
  constexpr std::size_t stretch = 75;
  World world(clock);
  for (int i = 0; i < 3; ++i) world.start({postmark});
  world.publish(bulk(world, calls_max));
  // A machine that is busy with something else misses slots, which are lost by design: one stretch without that will
  // do.
  double best = 0;
  for (std::size_t count = 2 * stretch; best < 50 * 0.97 && count <= calls_max; count += stretch) {
    REQUIRE(postmark->wait_for_calls(count));
    auto calls = postmark->calls();
    CHECK(most_in_a_second(calls) <= 50);
    std::sort(calls.begin(), calls.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    for (std::size_t i = 0; i + stretch < calls.size(); ++i)
      best = std::max(best, stretch / std::chrono::duration<double>(calls[i + stretch].at - calls[i].at).count());
  }
  CHECK(best >= 50 * 0.97);
}
