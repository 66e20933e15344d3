#include "bus/republisher.hpp"
#include "world.hpp"

using namespace carillon;
using namespace carillon::dispatcher;
using namespace carillon::dispatcher::testing;
using events::Status;
using namespace std::chrono_literals;

namespace {

std::vector<events::Dispatch> some(World& world, int count) {
  std::vector<events::Dispatch> dispatches;
  for (int i = 0; i < count; ++i) dispatches.push_back(world.dispatch());
  return dispatches;
}

bool all_sent(World& world, const std::vector<events::Dispatch>& dispatches) {
  return world.until([&] {
    std::map<std::string, int> sent;
    for (const auto& event : world.log()) sent[event.message_id] += event.status == Status::SENT ? 1 : 0;
    return std::all_of(dispatches.begin(), dispatches.end(), [&](const auto& d) { return sent[d.message_id] == 1; });
  });
}

std::string last_state(World& world) {
  std::string state;
  std::int64_t version = -1;
  for (const auto& event : world.provider_states("postmark")) {
    if (event.version > version) state = event.breaker, version = event.version;
  }
  return state;
}

}  // namespace

TEST_CASE("breaker: states are published at the start, with position, settings and channel") {
  const SystemClock clock;
  const auto postmark = std::make_shared<Script>("postmark");
  const auto smtp = std::make_shared<Script>("smtp");
  smtp->configured = false;
  World world(clock, {postmark, smtp});
  const auto first = world.provider_states("postmark");
  REQUIRE(first.size() == 1);
  CHECK(first[0].position == 0);
  CHECK(first[0].configured);
  CHECK(first[0].channel_enabled);
  CHECK(first[0].breaker == "CLOSED");
  const auto second = world.provider_states("smtp");
  REQUIRE(second.size() == 1);
  CHECK(second[0].position == 1);
  CHECK_FALSE(second[0].configured);
}

TEST_CASE("breaker: of states that are about to be dropped the latest of each provider is published again") {
  const SystemClock clock;
  World world(clock, {std::make_shared<Script>("postmark"), std::make_shared<Script>("smtp")});
  world.owner().run("SELECT bus.add_day('provider_state', (now() AT TIME ZONE 'UTC')::date - 10)");
  world.owner().run("UPDATE bus.provider_state SET published_at = now() - interval '10 days'");
  bus::Republisher republisher(world.bus(), {world.as_dispatcher(), bus::topics::provider_state, "dispatcher"});
  CHECK(republisher.look() == 2);
  bus::maintain_bus(world.owner(), 72h);
  CHECK(world.number("SELECT count(*) FROM bus.provider_state WHERE published_at < now() - interval '9 days'") == 0);
  CHECK(world.provider_states("postmark").size() == 1);
  CHECK(world.provider_states("smtp").size() == 1);
}

TEST_CASE(
    "breaker: five failures open it, the messages that tripped it fail over, later ones go straight to the next") {
  carillon::testing::ManualClock clock;
  const auto postmark = std::make_shared<Script>("postmark");
  const auto smtp = std::make_shared<Script>("smtp");
  postmark->always(failed(OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR));
  World world(clock, {postmark, smtp});
  const auto tripping = some(world, 5);
  world.publish(tripping);
  REQUIRE(all_sent(world, tripping));
  REQUIRE(world.until([&] { return last_state(world) == "OPEN"; }));
  CHECK(world.audits("PROVIDER_BREAKER_OPENED").size() == 1);
  const std::size_t calls = postmark->count();
  const auto later = some(world, 20);
  world.publish(later);
  REQUIRE(all_sent(world, later));
  CHECK(postmark->count() == calls);
  for (const auto& dispatch : later) CHECK(world.log(dispatch.message_id).size() == 1);
}

TEST_CASE("breaker: after 60 s one trial at a time is let through, two successes close it") {
  carillon::testing::ManualClock clock;
  const auto postmark = std::make_shared<Script>("postmark");
  const auto smtp = std::make_shared<Script>("smtp");
  postmark->always(failed(OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR));
  World world(clock, {postmark, smtp});
  const auto tripping = some(world, 5);
  world.publish(tripping);
  REQUIRE(all_sent(world, tripping));
  REQUIRE(world.until([&] { return last_state(world) == "OPEN"; }));
  const std::size_t before = postmark->count();
  postmark->answers([](const OutboundMessage&) { return std::nullopt; });
  clock.advance(61s);
  for (int i = 0; i < 4; ++i) {  // only the first of many gets there while its answer is open
    const auto more = some(world, 5);
    world.publish(more);
    clock.advance(300ms);
    REQUIRE(smtp->wait_for_calls(5 + 4 + 5 * static_cast<std::size_t>(i)));
  }
  REQUIRE(postmark->wait_for_calls(before + 1));
  CHECK(postmark->count() == before + 1);
  CHECK(last_state(world) == "HALF_OPEN");
  postmark->always(accepted());
  postmark->answer(before, accepted());
  REQUIRE(world.until([&] {
    world.publish(some(world, 2));
    clock.advance(300ms);
    return last_state(world) == "CLOSED";
  }));
  CHECK(world.audits("PROVIDER_BREAKER_CLOSED").size() == 1);
  const std::size_t closed = postmark->count();
  const auto after = some(world, 10);
  world.publish(after);
  REQUIRE(all_sent(world, after));
  CHECK(postmark->count() >= closed + 10);
}

TEST_CASE("breaker: with every provider open new messages wait, uncalled, and go when a trial succeeds") {
  carillon::testing::ManualClock clock;
  const auto postmark = std::make_shared<Script>("postmark");
  postmark->always(failed(OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR));
  World world(clock, {postmark});
  world.publish(some(world, 5));
  REQUIRE(world.until([&] { return last_state(world) == "OPEN"; }));
  const std::size_t before = postmark->count();
  const auto waiting = some(world, 10);
  world.publish(waiting);
  CHECK_FALSE(postmark->wait_for_calls(before + 1, 700ms));
  CHECK(world.number("SELECT count(*) FROM dispatcher.pending WHERE state = 0 AND round = 1 AND attempt = 0") == 10);
  postmark->always(accepted());
  clock.advance(61s);
  REQUIRE(all_sent(world, waiting));
  CHECK(last_state(world) == "CLOSED");
}
