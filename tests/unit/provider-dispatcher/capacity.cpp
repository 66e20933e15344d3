#include "provider-dispatcher/app/capacity.hpp"

#include <catch2/catch.hpp>

#include "named_provider.hpp"

using namespace carillon;
using namespace carillon::dispatcher;
using namespace std::chrono_literals;

namespace {

constexpr ProviderIndex twilio = 0;
constexpr auto wait = 20ms;
constexpr int calls_until_known = 200;  // until the mean latency is theirs

Roster roster_of_one() {
  std::vector<std::unique_ptr<Provider>> providers;
  providers.push_back(std::make_unique<dispatcher::testing::NamedProvider>("twilio", events::Channel::SMS));
  return Roster(std::move(providers), {{}, {"twilio"}, {}, true});
}

void answers(Capacity& capacity, std::chrono::microseconds latency, int calls) {
  for (int i = 0; i < calls; ++i) capacity.observe_call(twilio, latency, SteadyTime{});
}

}  // namespace

TEST_CASE("capacity: a quick provider without places is waited for, as long as it answers") {
  Capacity capacity(roster_of_one());
  answers(capacity, 100us, calls_until_known);
  CHECK(capacity.wait_for_places(wait));  // nothing is on its way
  const int places = capacity.take(twilio, 1'000);
  CHECK(places == 8);
  std::thread provider([&] {
    answers(capacity, 100us, 1);
    capacity.give_back(twilio, places);
  });
  CHECK(capacity.wait_for_places(10s));
  provider.join();
}

TEST_CASE("capacity: a provider that has fallen silent holds the others up once, not until its calls time out") {
  Capacity capacity(roster_of_one());
  answers(capacity, 100us, calls_until_known);
  CHECK(capacity.take(twilio, 1'000) == 8);
  CHECK_FALSE(capacity.wait_for_places(wait));  // it was quick so far
  CHECK(capacity.wait_for_places(wait));
  CHECK(capacity.wait_for_places(wait));
  SECTION("its first slow answer shows what it has become") {
    answers(capacity, 2s, 1);
    CHECK(capacity.wait_for_places(wait));
  }
  SECTION("quick answers make it worth waiting for again") {
    answers(capacity, 100us, 1);
    CHECK_FALSE(capacity.wait_for_places(wait));
  }
}

TEST_CASE("capacity: a slow provider is never waited for") {
  Capacity capacity(roster_of_one());
  answers(capacity, 2s, calls_until_known);
  CHECK(capacity.take(twilio, 1'000) == 8);
  CHECK(capacity.wait_for_places(wait));
}
