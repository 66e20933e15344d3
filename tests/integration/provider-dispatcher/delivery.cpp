#include "world.hpp"

using namespace carillon;
using namespace carillon::dispatcher;
using namespace carillon::dispatcher::testing;
using events::Status;
using namespace std::chrono_literals;

namespace {
ScriptPtr provider(const std::string& name, events::Channel channel = events::Channel::EMAIL) {
  return std::make_shared<Script>(name, channel);
}

// Counts row writes in dispatcher.pending from now on.
void count_writes(World& world) {
  world.owner().run("CREATE TABLE public.writes (op text)");
  world.owner().run(
      "CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS "
      "$$BEGIN INSERT INTO public.writes VALUES (TG_OP); RETURN NULL; END$$");
  world.owner().run(
      "CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON dispatcher.pending FOR EACH ROW EXECUTE FUNCTION "
      "public.note()");
}
}  // namespace

TEST_CASE("dispatch: a message is called once, SENT and audited, with one INSERT and one DELETE") {
  const SystemClock clock;
  World world(clock);
  const auto postmark = provider("postmark");
  world.start({postmark});
  count_writes(world);
  // The first looks at the empty table may still be running; until then messages would wait for the claimer.
  std::string id;
  REQUIRE(world.until([&] {
    world.owner().run("TRUNCATE public.writes");
    const auto dispatch = world.dispatch();
    id = dispatch.message_id;
    world.publish({dispatch});
    REQUIRE(world.until_status(id, Status::SENT));
    return world.number("SELECT count(*) FROM public.writes WHERE op = 'UPDATE'") == 0;
  }));
  CHECK(world.number("SELECT count(*) FROM public.writes") == 2);
  CHECK(world.pending() == 0);
  const auto log = world.log(id);
  REQUIRE(log.size() == 1);
  CHECK(log[0].provider == "postmark");
  CHECK(log[0].provider_message_id == "id-1");
  CHECK(log[0].attempt == 1);
  CHECK(log[0].round == 1);
  CHECK(log[0].recipient_masked == "a***@example.com");
  CHECK(log[0].recipient.empty());
  CHECK_FALSE(log[0].extra_call);
  REQUIRE(!world.audits("MESSAGE_SENT").empty());
  CHECK(world.audits("MESSAGE_SENT").back().details.at("provider") == "postmark");
  CHECK(world.feedback().empty());
  const auto call = postmark->calls().back();
  CHECK(call.message.text == "Please pay \"now\" \\ soon, Ann.");
  CHECK(call.message.recipient == "ann@example.com");
}

TEST_CASE("dispatch: a sealed message is opened for the call only, and its recipient never reaches an event") {
  const SystemClock clock;
  World world(clock);
  const auto postmark = provider("postmark");
  world.start({postmark});
  auto dispatch = world.dispatch();
  events::SealedContent content;
  content.recipient = "secret@example.com";
  content.text = "code 123456";
  dispatch.recipient.clear();
  dispatch.subject.clear();
  dispatch.text.clear();
  dispatch.sealed = world.sealer.seal(events::to_json(content), dispatch.message_id);
  world.publish({dispatch});
  REQUIRE(world.until_status(dispatch.message_id, Status::SENT));
  CHECK(postmark->calls().at(0).message.recipient == "secret@example.com");
  CHECK(postmark->calls().at(0).message.text == "code 123456");
  CHECK(world.log(dispatch.message_id)[0].recipient_masked == "s***@example.com");
  CHECK(world.log(dispatch.message_id)[0].recipient.empty());

  auto broken = world.dispatch();
  broken.recipient.clear();
  broken.sealed = world.sealer.seal("{}", "another message");
  world.publish({broken});
  REQUIRE(world.until_status(broken.message_id, Status::FAILED));
  CHECK(world.log(broken.message_id)[0].reason == "CONTENT_REJECTED");
  CHECK(postmark->count() == 1);
}

TEST_CASE("dispatch: a record that can't be read goes to the dead letters with an audit, the next one through") {
  const SystemClock clock;
  World world(clock);
  const auto postmark = provider("postmark");
  world.start({postmark});
  world.publish_text("{\"message_id\": 7}");
  world.publish_text("{\"message_id\": \"no-uuid\", \"channel\": \"EMAIL\", \"recipient\": \"a@example.com\"}");
  const auto good = world.dispatch();
  world.publish({good});
  REQUIRE(world.until_status(good.message_id, Status::SENT));
  REQUIRE(world.until([&] { return world.audits("DISPATCH_REFUSED").size() == 2; }));
  std::size_t dead = 0;
  for (int partition = 0; partition < 4; ++partition)
    dead += world.bus().peek(bus::topics::dispatch_dlq, partition, -1, 10).size();
  CHECK(dead == 2);
}

TEST_CASE("failover: a transient failure goes to the next provider of the round at once") {
  const SystemClock clock;
  World world(clock);
  const auto postmark = provider("postmark");
  const auto smtp = provider("smtp");
  postmark->always(failed(OutcomeKind::TRANSIENT, Reason::TIMEOUT));
  world.start({postmark, smtp});
  const auto dispatch = world.dispatch();
  world.publish({dispatch});
  REQUIRE(world.until_status(dispatch.message_id, Status::SENT));
  CHECK(world.statuses(dispatch.message_id) == std::vector<Status>{Status::ATTEMPT_FAILED, Status::SENT});
  const auto log = world.log(dispatch.message_id);
  CHECK(log[0].provider == "postmark");
  CHECK(log[0].reason == "TIMEOUT");
  CHECK(log[0].provider_code == "599");
  CHECK(log[1].provider == "smtp");
  CHECK(log[1].attempt == 2);
  CHECK(log[1].round == 1);
  CHECK(postmark->count() == 1);
  CHECK(smtp->count() == 1);
}

TEST_CASE(
    "failover: a rejected recipient is final, suppressed, and gives its window back; no other provider is asked") {
  const SystemClock clock;
  World world(clock);
  const auto postmark = provider("postmark");
  const auto smtp = provider("smtp");
  auto rejected = failed(OutcomeKind::REJECTED, Reason::RECIPIENT_INACTIVE);
  rejected.suppress_recipient = true;
  postmark->always(rejected);
  world.start({postmark, smtp});
  auto dispatch = world.dispatch();
  dispatch.rate_window_taken = true;
  world.publish({dispatch});
  REQUIRE(world.until_status(dispatch.message_id, Status::FAILED));
  CHECK(world.log(dispatch.message_id)[0].reason == "RECIPIENT_INACTIVE");
  CHECK(smtp->count() == 0);
  const auto feedback = world.feedback();
  REQUIRE(feedback.size() == 2);
  CHECK(feedback[0].kind == events::FeedbackKind::FINAL_FAILURE);
  CHECK(feedback[1].kind == events::FeedbackKind::SUPPRESS);
  CHECK(feedback[1].recipient_hash == "hash-of-ann");
  CHECK(world.audits("MESSAGE_FAILED").size() == 1);
}

TEST_CASE("retry: rounds come after 30 s, 2 min and 10 min, then the message has FAILED and its window is given back") {
  carillon::testing::ManualClock clock;
  World world(clock);
  const auto postmark = provider("postmark");
  const auto smtp = provider("smtp");
  postmark->always(failed(OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR));
  smtp->always(failed(OutcomeKind::ACCOUNT, Reason::AUTHENTICATION));
  world.start({postmark, smtp});
  auto dispatch = world.dispatch();
  dispatch.rate_window_taken = true;
  world.publish({dispatch});
  const std::chrono::seconds pauses[] = {30s, 2min, 10min};
  for (std::size_t round = 1; round <= 3; ++round) {
    REQUIRE(world.until([&] { return world.log(dispatch.message_id).size() == 2 * round; }));
    const auto last = world.log(dispatch.message_id).back();
    CHECK(last.status == Status::ATTEMPT_FAILED);
    CHECK(last.round == static_cast<int>(round));
    const auto pause = *last.next_attempt_at - *last.occurred_at;
    CHECK((pause >= pauses[round - 1] * 9 / 10 && pause <= pauses[round - 1] * 11 / 10));
    clock.advance(std::chrono::duration_cast<std::chrono::microseconds>(pause) - 1s);
    CHECK_FALSE(postmark->wait_for_calls(round + 1, 600ms));  // twice the claimer's poll: not early
    clock.advance(1s);
  }
  REQUIRE(world.until_status(dispatch.message_id, Status::FAILED));
  const auto end = world.log(dispatch.message_id).back();
  CHECK(end.reason == "ROUNDS_EXHAUSTED");
  CHECK(end.detail.find("AUTHENTICATION") != std::string::npos);
  CHECK(end.attempt == 8);
  CHECK(postmark->count() == 4);
  CHECK(smtp->count() == 4);
  CHECK(world.pending() == 0);
  REQUIRE(world.feedback().size() == 1);
}

TEST_CASE("unconfirmed: under HOLD the message is held, nobody else is called, and an audit says so") {
  const SystemClock clock;
  World world(clock);
  const auto postmark = provider("postmark");
  const auto smtp = provider("smtp");
  postmark->always(failed(OutcomeKind::UNCONFIRMED, Reason::NO_ANSWER));
  world.start({postmark, smtp});
  const auto dispatch = world.dispatch();
  world.publish({dispatch});
  REQUIRE(world.until_status(dispatch.message_id, Status::UNCONFIRMED));
  CHECK(world.number("SELECT count(*) FROM dispatcher.pending WHERE state = 2") == 1);
  CHECK(smtp->count() == 0);
  CHECK(world.audits("MESSAGE_UNCONFIRMED").size() == 1);
}

TEST_CASE("unconfirmed: under RESEND the next provider is called and the extra call is marked") {
  const SystemClock clock;
  World world(clock);
  const auto postmark = provider("postmark");
  const auto smtp = provider("smtp");
  postmark->always(failed(OutcomeKind::UNCONFIRMED, Reason::NO_ANSWER));
  world.start({postmark, smtp});
  auto dispatch = world.dispatch();
  dispatch.unconfirmed_policy = events::UnconfirmedPolicy::RESEND;
  world.publish({dispatch});
  REQUIRE(world.until_status(dispatch.message_id, Status::SENT));
  CHECK(world.statuses(dispatch.message_id) == std::vector<Status>{Status::UNCONFIRMED, Status::SENT});
  CHECK_FALSE(world.log(dispatch.message_id)[0].extra_call);
  CHECK(world.log(dispatch.message_id)[1].extra_call);
}

TEST_CASE("expiry: a message past its expires_at is EXPIRED and never called") {
  const SystemClock clock;
  World world(clock);
  const auto postmark = provider("postmark");
  world.start({postmark});
  auto dispatch = world.dispatch();
  dispatch.expires_at = clock.now() - 1s;
  dispatch.rate_window_taken = true;
  world.publish({dispatch});
  REQUIRE(world.until_status(dispatch.message_id, Status::EXPIRED));
  CHECK(postmark->count() == 0);
  CHECK(world.pending() == 0);
  CHECK(world.feedback().size() == 1);
  CHECK(world.audits("MESSAGE_EXPIRED").size() == 1);
}

TEST_CASE("expiry: a message that expires while it waits for the next round is EXPIRED without a call") {
  carillon::testing::ManualClock clock;
  World world(clock);
  const auto postmark = provider("postmark");
  postmark->always(failed(OutcomeKind::TRANSIENT, Reason::TIMEOUT));
  world.start({postmark});
  auto dispatch = world.dispatch();
  dispatch.expires_at = clock.now() + 10s;
  world.publish({dispatch});
  REQUIRE(world.until_status(dispatch.message_id, Status::ATTEMPT_FAILED));
  clock.advance(11s);
  REQUIRE(world.until_status(dispatch.message_id, Status::EXPIRED));
  CHECK(postmark->count() == 1);
}

TEST_CASE("duplicates: a dispatch record that comes again while the message is pending changes nothing") {
  const SystemClock clock;
  World world(clock);
  const auto postmark = provider("postmark");
  postmark->answers([](const OutboundMessage&) { return std::nullopt; });
  world.start({postmark});
  const auto dispatch = world.dispatch();
  world.publish({dispatch, dispatch});
  REQUIRE(postmark->wait_for_calls(1));
  const auto marker = world.dispatch();
  world.publish({dispatch, marker});
  REQUIRE(postmark->wait_for_calls(2));
  postmark->answer(0, accepted());
  postmark->answer(1, accepted());
  REQUIRE(world.until_status(marker.message_id, Status::SENT));
  REQUIRE(world.until_status(dispatch.message_id, Status::SENT));
  CHECK(postmark->count() == 2);
  CHECK(world.log(dispatch.message_id).size() == 1);
}

TEST_CASE("no provider: a message of a channel without providers goes through its rounds and FAILS, uncalled") {
  carillon::testing::ManualClock clock;
  World world(clock);
  const auto postmark = provider("postmark");
  postmark->configured = false;
  world.start({postmark});
  auto dispatch = world.dispatch();
  dispatch.channel = events::Channel::SMS;
  dispatch.recipient = "+447700900123";
  world.publish({dispatch});
  for (std::size_t round = 1; round <= 2; ++round) {
    REQUIRE(world.until([&] { return world.log(dispatch.message_id).size() == round; }));
    CHECK(world.log(dispatch.message_id).back().reason == "NO_PROVIDER");
    clock.advance(67s);
  }
  REQUIRE(world.until_status(dispatch.message_id, Status::FAILED));
  CHECK(world.log(dispatch.message_id).back().attempt == 0);
}

TEST_CASE("health: GET /health/messaging needs the scope admin and shows the chain; metrics count the calls") {
  const SystemClock clock;
  World world(clock);
  const auto postmark = provider("postmark");
  Instance& instance = world.start({postmark});
  const auto dispatch = world.dispatch();
  world.publish({dispatch});
  REQUIRE(world.until_status(dispatch.message_id, Status::SENT));
  CHECK(instance.get("/health/messaging", "none").status == 401);
  const auto key = security::create_api_key(world.owner(), "ops", {"admin"}, clock.now());
  const auto answer = instance.get("/health/messaging", key);
  CHECK(answer.status == 200);
  CHECK(answer.body.find("\"provider\":\"postmark\",\"position\":0,\"role\":\"PRIMARY\"") != std::string::npos);
  const std::string metrics = instance.metrics();
  CHECK(
      metrics.find("carillon_provider_requests_total{outcome=\"ACCEPTED\",provider=\"postmark\",reason=\"NONE\"} 1") !=
      std::string::npos);
  CHECK(metrics.find("carillon_breaker_state{provider=\"postmark\"} 0") != std::string::npos);
  CHECK(world.until([&] { return instance.metrics().find("carillon_pending_messages{") != std::string::npos; }));
}

TEST_CASE("settle: a batch that takes the database too long is settled in smaller ones") {
  const SystemClock clock;
  const auto postmark = std::make_shared<Script>("postmark");
  World world(clock, {postmark});
  world.owner().run(
      "CREATE FUNCTION dispatcher.too_slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
      "IF (SELECT count(*) FROM gone) > 2 THEN RAISE EXCEPTION 'too slow' USING ERRCODE = 'query_canceled'; END IF; "
      "RETURN NULL; END $$");
  world.owner().run(
      "CREATE TRIGGER too_slow AFTER DELETE ON dispatcher.pending REFERENCING OLD TABLE AS gone "
      "FOR EACH STATEMENT EXECUTE FUNCTION dispatcher.too_slow()");
  std::vector<events::Dispatch> dispatches;
  for (int i = 0; i < 40; ++i) dispatches.push_back(world.dispatch());
  world.publish(dispatches);
  for (const auto& dispatch : dispatches) REQUIRE(world.until_status(dispatch.message_id, Status::SENT));
  CHECK(postmark->count() == dispatches.size());
  CHECK(world.pending() == 0);
}
