#include "provider-dispatcher/app/receipt_watch.hpp"
#include "provider-dispatcher/app/settle_batch.hpp"
#include "receipt_calls.hpp"

using namespace carillon;
using namespace carillon::dispatcher;
using namespace carillon::dispatcher::testing;
using events::Status;
using http::Method;

namespace {

constexpr std::int64_t dead_instance = 424'242;
const Script::Answer keep_open = [](const OutboundMessage&) { return std::nullopt; };
const Outcome no_answer = failed(OutcomeKind::UNCONFIRMED, Reason::NO_ANSWER);

// A claim of an instance that is not there: what a process leaves that dies in the middle of its call.
void leave_claim(World& world, const events::Dispatch& dispatch, int attempt, bool extra_call) {
  world.owner().run("INSERT INTO dispatcher.instances VALUES (" + std::to_string(dead_instance) +
                    ", now()) ON CONFLICT DO NOTHING");
  world.owner().run("INSERT INTO dispatcher.pending VALUES ('" + dispatch.message_id +
                    "', now(), NULL, now(), now(), " + std::to_string(dead_instance) + ", 1, 1, " +
                    std::to_string(attempt) + ", 2, 1, " + (extra_call ? "true" : "false") +
                    ", 'EMAIL', 'postmark', '{}', '', $json$" + events::to_json(dispatch) + "$json$)");
}

void leave_early_delivery(World& world, const events::Dispatch& dispatch) {
  world.owner().run("INSERT INTO dispatcher.early_receipts VALUES ('" + dispatch.message_id +
                    "', 1, 0, 'postmark', 'pm-1', now())");
}

events::Dispatch resent(const World& world) {
  auto dispatch = world.dispatch();
  dispatch.unconfirmed_policy = events::UnconfirmedPolicy::RESEND;
  return dispatch;
}

// Two providers: what stays unconfirmed at the first is sent again by the second, at once.
struct Scene {
  Scene() : world(clock), instance(world.start({postmark, ses}, {}, postmark_settings())) {}

  void tell_delivered(const std::string& id) {
    CHECK(instance.call(Method::POST, postmark_path, {}, postmark_delivery(id, 1, clock.now())).status == 200);
  }
  bool is_sent_by_postmark(const std::string& id) {
    if (!world.until_status(id, Status::SENT)) return false;
    const auto sent = world.log(id).back();
    return sent.provider == "postmark" && sent.attempt == 1 && !sent.extra_call;
  }

  SystemClock clock;
  ScriptPtr postmark = std::make_shared<Script>("postmark");
  ScriptPtr ses = std::make_shared<Script>("ses");
  World world;
  Instance& instance;
};

}  // namespace

TEST_CASE_METHOD(Scene, "unconfirmed: a receipt that came during the call keeps the next provider from being called") {
  postmark->answers(keep_open);
  const auto dispatch = resent(world);
  world.publish({dispatch});
  REQUIRE(postmark->wait_for_calls(1));
  tell_delivered(dispatch.message_id);
  postmark->answer(0, no_answer);
  REQUIRE(is_sent_by_postmark(dispatch.message_id));
  CHECK(world.statuses(dispatch.message_id) == std::vector{Status::DELIVERED, Status::UNCONFIRMED, Status::SENT});
  CHECK(world.audits("MESSAGE_UNCONFIRMED").empty());
  CHECK(world.pending() == 0);
  CHECK(ses->count() == 0);
}

TEST_CASE_METHOD(Scene,
                 "unconfirmed: a receipt that says the provider gave up does not keep the next from being called") {
  postmark->answers(keep_open);
  const auto dispatch = resent(world);
  world.publish({dispatch});
  REQUIRE(postmark->wait_for_calls(1));
  const auto bounce = postmark_bounce(dispatch.message_id, 1, clock.now(), "SoftBounce");
  CHECK(instance.call(Method::POST, postmark_path, {}, bounce).status == 200);
  postmark->answer(0, no_answer);
  REQUIRE(world.until_status(dispatch.message_id, Status::SENT));
  CHECK(world.log(dispatch.message_id).back().provider == "ses");
}

TEST_CASE_METHOD(Scene,
                 "unconfirmed: a receipt of the first call, come during the second, keeps it from being FAILED") {
  postmark->always(no_answer);
  ses->answers(keep_open);
  const auto dispatch = resent(world);
  world.publish({dispatch});
  REQUIRE(ses->wait_for_calls(1));
  tell_delivered(dispatch.message_id);
  ses->answer(0, failed(OutcomeKind::REJECTED, Reason::CONTENT_REJECTED));
  REQUIRE(is_sent_by_postmark(dispatch.message_id));
  CHECK(world.statuses(dispatch.message_id) ==
        std::vector{Status::UNCONFIRMED, Status::DELIVERED, Status::ATTEMPT_FAILED, Status::SENT});
  CHECK(world.audits("MESSAGE_FAILED").empty());
}

TEST_CASE_METHOD(Scene, "unconfirmed: a second call that is accepted ends the message, whatever a receipt says") {
  postmark->always(no_answer);
  ses->answers(keep_open);
  const auto dispatch = resent(world);
  world.publish({dispatch});
  REQUIRE(ses->wait_for_calls(1));
  tell_delivered(dispatch.message_id);
  ses->answer(0, accepted("second"));
  REQUIRE(world.until_status(dispatch.message_id, Status::SENT));
  CHECK(world.log(dispatch.message_id).back().provider_message_id == "second");
  CHECK(world.audits("MESSAGE_RESOLVED").empty());
}

TEST_CASE_METHOD(Scene, "takeover: a claim that a receipt has come for is not sent again") {
  const auto dispatch = resent(world);
  leave_early_delivery(world, dispatch);  // first, for the claim may be taken over at once
  leave_claim(world, dispatch, 1, false);
  REQUIRE(is_sent_by_postmark(dispatch.message_id));
  CHECK(world.statuses(dispatch.message_id) == std::vector{Status::UNCONFIRMED, Status::SENT});
  CHECK(world.pending() == 0);
  CHECK(postmark->count() == 0);
  CHECK(ses->count() == 0);
}

TEST_CASE("unconfirmed: whatever came of the extra call, a receipt ends the message as SENT") {
  const SystemClock clock;
  World world(clock);
  const auto dispatch = resent(world);
  leave_claim(world, dispatch, 2, true);
  leave_early_delivery(world, dispatch);
  Finished finished;
  finished.claim = std::make_shared<Claim>();
  finished.claim->number = 1;
  finished.claim->provider_name = "postmark";
  finished.claim->attempt = 2;
  finished.claim->extra_call = true;
  finished.claim->dispatch = dispatch;
  finished.how = GENERATE(Finished::How::ANSWERED, Finished::How::EXPIRED, Finished::How::RELEASED);
  finished.called = finished.how == Finished::How::ANSWERED;
  finished.outcome = failed(OutcomeKind::TRANSIENT, Reason::TIMEOUT);

  const Roster roster({}, {});
  SpendBook spend(roster, {});
  const ProviderBoard board(0, spend);
  SettleBatch batch(roster, board, world.bus(), 1);
  bus::Outbox out;
  pg::Transaction tx(world.owner());
  batch.settle(tx, out, std::vector{finished}, dead_instance, false, clock.now());
  world.bus().commit(out, tx);
  CHECK(world.number("SELECT count(*) FROM dispatcher.pending WHERE state = 2") == 1);
  CHECK(world.number("SELECT attempt FROM dispatcher.pending") == (finished.called ? 2 : 1));
  CHECK(world.statuses(dispatch.message_id).size() == (finished.called ? 1 : 0));

  ReceiptFigures figures({});
  UnmatchedRoom room;
  metrics::Registry metrics;
  ReceiptRefusals refusals(metrics, clock);
  ReceiptWatch watch({world.bus(), clock, world.as_dispatcher(), figures, room, refusals, metrics});
  watch.look();
  CHECK(world.statuses(dispatch.message_id).back() == Status::SENT);
  CHECK(world.pending() == 0);
}

TEST_CASE_METHOD(Scene, "receipts: one that meets the claim of its message is kept for the end of the call") {
  postmark->always(no_answer);
  ses->always(no_answer);
  const auto dispatch = resent(world);
  world.publish({dispatch});
  REQUIRE(world.until(
      [&] { return world.number("SELECT count(*) FROM dispatcher.pending WHERE state = 0 AND due_at > now()") == 1; }));
  pg::Connection other(world.as_owner());  // an instance that is alive
  REQUIRE(other.run("SELECT pg_try_advisory_lock(0, 424242)")[0][0].as<bool>());
  std::future<http::Response> answer;
  {
    pg::Transaction claim(other);
    claim.run("UPDATE dispatcher.pending SET state = 1, claimed_by = 424242, claim = 7, claimed_at = now()");
    answer = instance.begin(Method::POST, postmark_path, {}, postmark_delivery(dispatch.message_id, 1, clock.now()));
    REQUIRE(world.until([&] {
      return world.number(
                 "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                 "wait_event_type = 'Lock' AND query LIKE '-- Ends messages that a receipt says%'") == 1;
    }));
    claim.commit();
  }
  CHECK(answer.get().status == 200);
  CHECK(world.number("SELECT count(*) FROM dispatcher.early_receipts") == 1);
  CHECK(world.number("SELECT count(*) FROM dispatcher.pending WHERE state = 1") == 1);
}
