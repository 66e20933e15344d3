#include "provider-dispatcher/app/call_figures.hpp"

#include <catch2/catch.hpp>

#include "named_provider.hpp"
#include "time/testing/manual_clock.hpp"

using namespace carillon;
using namespace carillon::dispatcher;
using namespace std::chrono_literals;

namespace {

Roster roster_of_one() {
  std::vector<std::unique_ptr<Provider>> providers;
  providers.push_back(std::make_unique<dispatcher::testing::NamedProvider>("postmark", events::Channel::EMAIL));
  return Roster(std::move(providers), {{"postmark"}, {}, {}, false});
}

Finished call(OutcomeKind kind, std::chrono::milliseconds latency, UtcTime at) {
  Finished finished;
  finished.claim = std::make_shared<Claim>();
  finished.claim->provider = 0;
  finished.outcome.kind = kind;
  finished.outcome.latency = latency;
  finished.at = at;
  return finished;
}

}  // namespace

TEST_CASE("call figures: calls, failures and latency by minute; a refused message is no failure") {
  const carillon::testing::ManualClock clock(*from_rfc3339("2026-11-30T12:00:30Z"));
  const UtcTime now = clock.now();
  const Roster roster = roster_of_one();
  CallFigures figures(roster);
  figures.add(std::vector{call(OutcomeKind::ACCEPTED, 10ms, now), call(OutcomeKind::REJECTED, 30ms, now),
                          call(OutcomeKind::TRANSIENT, 80ms, now), call(OutcomeKind::ACCEPTED, 1ms, now + 30s)});
  const auto minutes = figures.take();
  REQUIRE(minutes.size() == 2);
  CHECK(minutes.at({floor_minute(now), "postmark"}) == CallSums{3, 1, 120, 80, now});
  CHECK(minutes.at({floor_minute(now) + 1min, "postmark"}) == CallSums{1, 0, 1, 1, {}});
  CHECK(figures.take().empty());
}

TEST_CASE("call figures: what was not called is not counted") {
  const Roster roster = roster_of_one();
  CallFigures figures(roster);
  Finished released = call(OutcomeKind::TRANSIENT, 0ms, UtcTime{});
  released.how = Finished::How::RELEASED;
  Finished uncalled = call(OutcomeKind::TRANSIENT, 0ms, UtcTime{});
  uncalled.called = false;
  Finished stray = call(OutcomeKind::ACCEPTED, 0ms, UtcTime{});
  stray.claim->provider = unknown_provider;
  figures.add(std::vector{released, uncalled, stray});
  CHECK(figures.take().empty());
}

TEST_CASE("call figures: an account error stands until a message is accepted") {
  const Roster roster = roster_of_one();
  CallFigures figures(roster);
  CHECK_FALSE(figures.account_error(0));
  figures.add(std::vector{call(OutcomeKind::ACCOUNT, 1ms, UtcTime{}), call(OutcomeKind::TRANSIENT, 1ms, UtcTime{})});
  CHECK(figures.account_error(0));
  figures.add(std::vector{call(OutcomeKind::ACCEPTED, 1ms, UtcTime{})});
  CHECK_FALSE(figures.account_error(0));
}
