#include "world.hpp"

using namespace carillon;
using namespace carillon::dispatcher;
using namespace carillon::dispatcher::testing;
using events::Status;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t dead_instance = 424'242;

// A claim as a process leaves it that dies in the middle of its call.
void leave_claim(World& world, const events::Dispatch& dispatch, bool listed) {
  if (listed) world.owner().run("INSERT INTO dispatcher.instances VALUES (424242, now()) ON CONFLICT DO NOTHING");
  const std::string sql = "INSERT INTO dispatcher.pending VALUES ('" + dispatch.message_id +
                          "', now(), NULL, now(), now(), " + std::to_string(dead_instance) +
                          ", 1, 1, 1, 2, 1, false, 'EMAIL', 'postmark', '{}', '', $json$" + events::to_json(dispatch) +
                          "$json$)";
  world.owner().run(sql);
}

const Script::Answer keep_open = [](const OutboundMessage&) { return std::nullopt; };

}  // namespace

TEST_CASE("takeover: claims of a dead instance are UNCONFIRMED: held under HOLD, sent again under RESEND") {
  const SystemClock clock;
  const auto postmark = std::make_shared<Script>("postmark");
  World world(clock, {postmark});
  const auto hold = world.dispatch();
  auto resend = world.dispatch();
  resend.unconfirmed_policy = events::UnconfirmedPolicy::RESEND;
  leave_claim(world, hold, true);
  leave_claim(world, resend, true);
  REQUIRE(world.until_status(hold.message_id, Status::UNCONFIRMED));
  CHECK(world.log(hold.message_id)[0].reason == "PROCESS_DIED");
  CHECK(world.log(hold.message_id)[0].provider == "postmark");
  CHECK(world.number("SELECT count(*) FROM dispatcher.pending WHERE state = 2") == 1);
  REQUIRE(world.until([&] { return !world.log(resend.message_id).empty(); }));
  const auto first = world.log(resend.message_id)[0];
  CHECK(first.status == Status::UNCONFIRMED);
  CHECK(first.next_attempt_at.has_value());
  CHECK(world.number("SELECT attempt FROM dispatcher.pending WHERE state = 0 AND extra_call") == 1);
  REQUIRE(world.until(
      [&] { return world.number("SELECT count(*) FROM dispatcher.instances WHERE instance = 424242") == 0; }));
  CHECK(world.audits("CLAIMS_TAKEN_OVER").size() == 1);
}

TEST_CASE("takeover: claims of an owner that no table lists are found at the start") {
  const SystemClock clock;
  const auto postmark = std::make_shared<Script>("postmark");
  World world(clock);
  const auto hold = world.dispatch();
  leave_claim(world, hold, false);
  world.start({postmark});
  REQUIRE(world.until_status(hold.message_id, Status::UNCONFIRMED));
}

TEST_CASE("takeover: claims of an instance whose session lock is held are left alone") {
  const SystemClock clock;
  const auto postmark = std::make_shared<Script>("postmark");
  World world(clock, {postmark});
  pg::Connection other(world.as_owner());
  REQUIRE(other.run("SELECT pg_try_advisory_lock(0, 424242)")[0][0].as<bool>());
  const auto alive = world.dispatch();
  const auto dead = world.dispatch();
  leave_claim(world, alive, true);
  world.owner().run("INSERT INTO dispatcher.instances VALUES (7, now())");
  auto sql = "UPDATE dispatcher.pending SET claimed_by = 7 WHERE message_id = '" + dead.message_id + "'";
  leave_claim(world, dead, true);
  world.owner().run(sql);
  REQUIRE(world.until_status(dead.message_id, Status::UNCONFIRMED));
  CHECK(world.log(alive.message_id).empty());
  other.close();
  REQUIRE(world.until_status(alive.message_id, Status::UNCONFIRMED));
}

TEST_CASE("late answer: an ACCEPTED answer turns a HELD message into SENT") {
  const SystemClock clock;
  const auto postmark = std::make_shared<Script>("postmark");
  postmark->answers(keep_open);
  World world(clock, {postmark});
  const auto dispatch = world.dispatch();
  world.publish({dispatch});
  REQUIRE(postmark->wait_for_calls(1));
  world.owner().run("UPDATE dispatcher.pending SET state = 2, claimed_by = NULL, claim = NULL");
  postmark->answer(0, accepted("late-1"));
  REQUIRE(world.until_status(dispatch.message_id, Status::SENT));
  CHECK(world.log(dispatch.message_id).back().provider_message_id == "late-1");
  CHECK(world.pending() == 0);
}

TEST_CASE("late answer: when a resend has begun it is only audited, and the message ends once") {
  const SystemClock clock;
  const auto postmark = std::make_shared<Script>("postmark");
  const auto smtp = std::make_shared<Script>("smtp");
  postmark->answers(keep_open);
  smtp->answers(keep_open);
  World world(clock, {postmark, smtp});
  const auto dispatch = world.dispatch();
  world.publish({dispatch});
  REQUIRE(postmark->wait_for_calls(1));
  world.owner().run(
      "UPDATE dispatcher.pending SET state = 0, claimed_by = NULL, claim = NULL, provider = 'smtp', tried = "
      "'{postmark}', extra_call = true");
  REQUIRE(smtp->wait_for_calls(1));
  postmark->answer(0, accepted("late-1"));
  REQUIRE(world.until([&] { return world.audits("LATE_ANSWER").size() == 1; }));
  const auto late = world.audits("LATE_ANSWER")[0];
  CHECK(late.details.at("provider_message_id") == "late-1");
  CHECK(late.details.at("attempt") == "1");
  CHECK(world.log(dispatch.message_id).empty());
  smtp->answer(0, accepted("second"));
  REQUIRE(world.until_status(dispatch.message_id, Status::SENT));
  CHECK(world.log(dispatch.message_id).size() == 1);
  CHECK(world.log(dispatch.message_id)[0].extra_call);
}

TEST_CASE("stop: running calls are awaited and settled, claims without a call go back to waiting") {
  const SystemClock clock;
  const auto postmark = std::make_shared<Script>("postmark");
  postmark->concurrency = 1;
  postmark->answers(keep_open);
  World world(clock, {postmark});
  const auto first = world.dispatch();
  const auto second = world.dispatch();
  world.publish({first});
  REQUIRE(postmark->wait_for_calls(1));
  world.publish({second});
  REQUIRE(world.until([&] { return world.pending() == 2; }));
  std::thread stopping([&] { world.stop_all(); });
  REQUIRE(world.until([&] { return world.number("SELECT count(*) FROM dispatcher.pending WHERE state = 0") == 1; }));
  postmark->answer(0, accepted());
  stopping.join();
  CHECK(world.statuses(first.message_id) == std::vector<Status>{Status::SENT});
  CHECK(world.number("SELECT count(*) FROM dispatcher.pending WHERE state = 0 AND attempt = 0") == 1);
  CHECK(world.number("SELECT count(*) FROM dispatcher.instances") == 0);
}

TEST_CASE("two instances: 300 messages are each called once") {
  const SystemClock clock;
  const auto postmark = std::make_shared<Script>("postmark");
  World world(clock);
  world.start({postmark});
  world.start({postmark});
  std::vector<events::Dispatch> dispatches;
  for (int i = 0; i < 300; ++i) dispatches.push_back(world.dispatch());
  world.publish(dispatches);
  REQUIRE(world.until([&] { return world.log().size() == 300; }));
  std::map<std::string, int> calls;
  for (const auto& call : postmark->calls()) ++calls[call.message.message_id];
  CHECK(calls.size() == 300);
  CHECK(postmark->count() == 300);
  REQUIRE(world.until([&] { return world.pending() == 0; }));
}
