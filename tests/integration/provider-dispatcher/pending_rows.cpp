#include "events/cloud_events.hpp"
#include "postgres/errors.hpp"
#include "provider-dispatcher/app/pending_figures.hpp"
#include "world.hpp"

using namespace carillon;
using namespace carillon::dispatcher;
using namespace carillon::dispatcher::testing;
using events::Status;
using namespace std::chrono_literals;

namespace {

const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr int partitions = 4;
const Script::Answer keep_open = [](const OutboundMessage&) { return std::nullopt; };

void publish_record(World& world, bus::Record record) {
  bus::Outbox out;
  out.publish(bus::topics::dispatch, std::move(record));
  pg::Transaction tx(world.owner());
  world.bus().flush(out, tx);
  tx.commit();
  world.bus().wake(out);
}

bus::Record traced(const events::Dispatch& dispatch) {
  return {dispatch.message_id,
          events::binary_headers("carillon.dispatch.v1", "test", "1", *dispatch.accepted_at, trace),
          events::to_json(dispatch)};
}

bus::Record structured(const events::Dispatch& dispatch) {
  return {dispatch.message_id,
          {{"content-type", "application/cloudevents+json"}},
          R"({"specversion":"1.0","id":"1","source":"test","type":"carillon.dispatch.v1","traceparent":")" + trace +
              "\",\"data\":" + events::to_json(dispatch) + "}"};
}

// Where the bus has the record of each message (their keys are the message ids).
std::map<std::string, bus::Place> places(World& world) {
  std::map<std::string, bus::Place> found;
  for (int partition = 0; partition < partitions; ++partition) {
    for (const bus::Received& received : world.bus().peek(bus::topics::dispatch, partition, -1, 1'000))
      found[received.record.key] = {partition, received.seq};
  }
  return found;
}

struct Row {
  std::string message_id;
  int state = 0;
  std::int64_t instance = 0;  // of a CLAIMED row
  std::optional<bus::Place> record;
  std::string payload;  // of a row without record
};

std::string insert_sql(const Row& row) {
  const std::string owner = row.state == 1 ? std::to_string(row.instance) + ", 1" : "NULL, NULL";
  const std::string content =
      row.record ? "NULL, NULL, " + std::to_string(row.record->partition) + ", " + std::to_string(row.record->seq)
                 : "'', $json$" + row.payload + "$json$, NULL, NULL";
  return "INSERT INTO dispatcher.pending (message_id, due_at, created_at, state, claimed_by, claim, round, attempt, "
         "priority, extra_call, channel, provider, tried, traceparent, payload, record_partition, record_seq) VALUES "
         "('" +
         row.message_id + "', now() - interval '1 minute', now(), " + std::to_string(row.state) + ", " + owner +
         ", 1, 1, 2, false, 'EMAIL', 'postmark', '{}', " + content + ")";
}

std::string where(const std::string& message_id, const std::string& condition) {
  return "SELECT count(*) FROM dispatcher.pending WHERE message_id = '" + message_id + "' AND " + condition;
}

bool holds_its_dispatch(World& world, const events::Dispatch& dispatch) {
  return world.number(where(dispatch.message_id,
                            "record_partition IS NULL AND record_seq IS NULL AND payload::jsonb = "
                            "$json$" +
                                events::to_json(dispatch) + "$json$::jsonb")) == 1;
}

// As a person does who has found out that a held message never arrived.
void release_held(World& world, const std::string& message_id) {
  world.owner().run("UPDATE dispatcher.pending SET state = 0 WHERE state = 2 AND message_id = '" + message_id + "'");
}

std::map<int, std::int64_t> holds(World& world) {
  std::map<int, std::int64_t> found;
  for (const auto& row : world.owner().run("SELECT consumer, topic, partition, next_seq FROM dispatcher.bus_holds")) {
    CHECK(row[0].as<std::string>() == "provider-dispatcher pending");
    CHECK(row[1].as<std::string>() == bus::topics::dispatch.name);
    found[row[2].as<int>()] = row[3].as<std::int64_t>();
  }
  return found;
}

std::map<int, std::int64_t> smallest(const std::map<std::string, bus::Place>& places) {
  std::map<int, std::int64_t> found;
  for (const auto& [id, place] : places) {
    const auto known = found.try_emplace(place.partition, place.seq).first;
    known->second = std::min(known->second, place.seq);
  }
  return found;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("pending rows: a claim refers to its record, and the bus is told the oldest record that is needed") {
  const SystemClock clock;
  const auto postmark = std::make_shared<Script>("postmark");
  postmark->answers(keep_open);
  World world(clock, {postmark});
  for (int i = 0; i < 8; ++i) world.publish({world.dispatch()});
  REQUIRE(postmark->wait_for_calls(8));
  CHECK(world.number("SELECT count(*) FROM dispatcher.pending WHERE payload IS NULL AND traceparent IS NULL") == 8);
  auto needed = places(world);
  REQUIRE(needed.size() == 8);
  CHECK(holds(world) == smallest(needed));
  for (std::size_t i = 0; i < 8; ++i) {
    const std::string id = postmark->calls().at(i).message.message_id;
    postmark->answer(i, accepted());
    REQUIRE(world.until_status(id, Status::SENT));
    needed.erase(id);
    CHECK(holds(world) == smallest(needed));
  }
}

TEST_CASE(
    "pending rows: a message that waits for its next round has a copy, and another instance calls it as it was "
    "dispatched") {
  carillon::testing::ManualClock clock;
  const auto postmark = std::make_shared<Script>("postmark");
  postmark->always(failed(OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR));
  World world(clock, {postmark});
  const auto binary = world.dispatch();
  const auto wrapped = world.dispatch();
  publish_record(world, traced(binary));
  publish_record(world, structured(wrapped));
  REQUIRE(world.until_status(binary.message_id, Status::ATTEMPT_FAILED));
  REQUIRE(world.until_status(wrapped.message_id, Status::ATTEMPT_FAILED));
  world.stop_all();
  CHECK(world.number("SELECT count(*) FROM dispatcher.pending WHERE state = 0 AND payload IS NOT NULL") == 2);
  CHECK(holds(world).empty());
  clock.advance(1min);
  const auto second = std::make_shared<Script>("postmark");
  world.start({second});
  REQUIRE(world.until_status(binary.message_id, Status::SENT));
  REQUIRE(world.until_status(wrapped.message_id, Status::SENT));
  for (const auto& call : second->calls()) {
    CHECK(call.message.recipient == binary.recipient);
    CHECK(call.message.subject == binary.subject);
    CHECK(call.message.text == binary.text);
  }
}

TEST_CASE("pending rows: claims of a dead instance are read from the bus: called again, or held with their own copy") {
  constexpr std::int64_t dead_instance = 424'242;
  const SystemClock clock;
  const auto postmark = std::make_shared<Script>("postmark");
  const auto smtp = std::make_shared<Script>("smtp");
  World world(clock);
  const auto hold = world.dispatch();
  auto resend = world.dispatch();
  resend.unconfirmed_policy = events::UnconfirmedPolicy::RESEND;
  const auto gone = world.dispatch();
  publish_record(world, structured(hold));
  publish_record(world, traced(resend));
  auto found = places(world);
  found[gone.message_id] = {0, 1'000'000};
  for (const auto& [id, place] : found) world.owner().run(insert_sql({id, 1, dead_instance, place, {}}));
  world.start({postmark, smtp});
  REQUIRE(world.until_status(hold.message_id, Status::UNCONFIRMED));
  REQUIRE(world.until_status(gone.message_id, Status::UNCONFIRMED));
  REQUIRE(world.until_status(resend.message_id, Status::SENT));
  CHECK(smtp->calls().at(0).message.text == resend.text);
  CHECK(holds_its_dispatch(world, hold));
  CHECK(world.number(where(hold.message_id, "traceparent = '" + trace + "'")) == 1);
  CHECK(holds(world).empty());
  release_held(world, gone.message_id);
  REQUIRE(world.until_status(gone.message_id, Status::FAILED));
  CHECK(has(world.log(gone.message_id).back().detail, "RECORD_GONE"));
}

TEST_CASE("pending rows: a held message outlives its record and can still be sent") {
  const SystemClock clock;
  const auto postmark = std::make_shared<Script>("postmark");
  postmark->always(failed(OutcomeKind::UNCONFIRMED, Reason::NO_ANSWER));
  World world(clock, {postmark});
  const auto binary = world.dispatch();
  const auto wrapped = world.dispatch();
  publish_record(world, traced(binary));
  publish_record(world, structured(wrapped));
  for (const auto& dispatch : {binary, wrapped}) {
    REQUIRE(world.until_status(dispatch.message_id, Status::UNCONFIRMED));
    CHECK(world.number(where(dispatch.message_id, "state = 2 AND traceparent = '" + trace + "'")) == 1);
    CHECK(holds_its_dispatch(world, dispatch));
  }
  CHECK(holds(world).empty());
  world.owner().run("DELETE FROM bus.dispatch");
  // Held again it keeps its copy.
  release_held(world, binary.message_id);
  REQUIRE(world.until([&] { return world.log(binary.message_id).size() == 2; }));
  CHECK(world.statuses(binary.message_id).back() == Status::UNCONFIRMED);
  CHECK(holds_its_dispatch(world, binary));
  postmark->always(accepted());
  for (const auto& dispatch : {binary, wrapped}) {
    release_held(world, dispatch.message_id);
    REQUIRE(world.until_status(dispatch.message_id, Status::SENT));
    CHECK(postmark->calls().back().message.text == dispatch.text);
  }
}

TEST_CASE("pending rows: a row that holds its payload, as earlier versions wrote them, is delivered") {
  const SystemClock clock;
  const auto postmark = std::make_shared<Script>("postmark");
  World world(clock);
  const auto dispatch = world.dispatch();
  world.owner().run(insert_sql({dispatch.message_id, 0, 0, {}, events::to_json(dispatch)}));
  CHECK(holds(world).empty());
  world.start({postmark});
  REQUIRE(world.until_status(dispatch.message_id, Status::SENT));
  CHECK(postmark->calls().at(0).message.text == dispatch.text);
}

TEST_CASE("pending rows: a message whose record is gone, or another's, FAILS with that reason and blocks nobody") {
  const SystemClock clock;
  const auto postmark = std::make_shared<Script>("postmark");
  World world(clock);
  const auto gone = world.dispatch();
  const auto mistaken = world.dispatch();
  const auto good = world.dispatch();
  world.publish({good});
  world.owner().run(insert_sql({gone.message_id, 0, 0, bus::Place{0, 1'000'000}, {}}));
  world.owner().run(insert_sql({mistaken.message_id, 0, 0, places(world).at(good.message_id), {}}));
  world.start({postmark});
  REQUIRE(world.until_status(gone.message_id, Status::FAILED));
  REQUIRE(world.until_status(mistaken.message_id, Status::FAILED));
  REQUIRE(world.until_status(good.message_id, Status::SENT));
  CHECK(world.log(gone.message_id).back().reason == "CONTENT_REJECTED");
  CHECK(has(world.log(gone.message_id).back().detail, "RECORD_GONE"));
  CHECK(has(world.log(mistaken.message_id).back().detail, "OTHER_MESSAGE"));
  CHECK(postmark->count() == 1);
  CHECK(world.pending() == 0);
}

TEST_CASE("pending rows: a row has a record or a payload, never neither and never both") {
  const SystemClock clock;
  World world(clock);
  const auto insert = insert_sql({world.dispatch().message_id, 0, 0, {}, "{}"});
  world.owner().run(insert);
  CHECK_THROWS_AS(world.owner().run("UPDATE dispatcher.pending SET payload = NULL"), pg::StatementError);
  CHECK_THROWS_AS(world.owner().run("UPDATE dispatcher.pending SET record_seq = 1"), pg::StatementError);
  CHECK_THROWS_AS(world.owner().run("UPDATE dispatcher.pending SET record_partition = 0, record_seq = 1"),
                  pg::StatementError);
}

TEST_CASE("duplicates: a message that another writer inserts at the same moment is that writer's, and no dead letter") {
  const SystemClock clock;
  const auto postmark = std::make_shared<Script>("postmark");
  World world(clock, {postmark});
  const auto taken = world.dispatch();
  const auto other = world.dispatch();
  pg::Connection writer(world.as_owner());
  pg::Transaction tx(writer);
  tx.run(insert_sql({taken.message_id, 2, 0, {}, events::to_json(taken)}));
  world.publish({taken});
  REQUIRE(world.until([&] {
    return world.number(
               "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' "
               "AND query LIKE '%INSERT INTO dispatcher.pending%'") == 1;
  }));
  tx.commit();
  world.publish({other});
  REQUIRE(world.until_status(other.message_id, Status::SENT));
  CHECK(world.log(taken.message_id).empty());
  CHECK(world.number(where(taken.message_id, "state = 2")) == 1);
  CHECK(postmark->count() == 1);
  for (int partition = 0; partition < partitions; ++partition)
    CHECK(world.bus().peek(bus::topics::dispatch_dlq, partition, -1, 10).empty());
}

TEST_CASE("figures: they are counted once for each interval, and at once for whoever asks first") {
  const SystemClock clock;
  World world(clock);
  pg::Pool pool(world.as_owner(), 1);
  PendingFigures figures(pool, clock);
  CHECK_FALSE(figures.latest().has_value());
  world.owner().run(insert_sql({world.dispatch().message_id, 2, 0, {}, "{}"}));
  REQUIRE(figures.latest_or_counted().size() == 1);
  CHECK(figures.latest()->front().rows == 1);
  CHECK(figures.latest()->front().overdue_seconds == Approx(60).margin(30));
  world.owner().run(insert_sql({world.dispatch().message_id, 2, 0, {}, "{}"}));
  CHECK(figures.latest_or_counted().front().rows == 1);
  figures.renew_when_due();
  CHECK(figures.latest()->front().rows == 2);
  world.owner().run("DELETE FROM dispatcher.pending");
  figures.renew_when_due();
  CHECK(figures.latest()->front().rows == 2);
}

TEST_CASE("figures: /metrics shows what is pending, by provider and state") {
  const SystemClock clock;
  const auto postmark = std::make_shared<Script>("postmark");
  postmark->answers(keep_open);
  World world(clock);
  Instance& instance = world.start({postmark});
  world.publish({world.dispatch(), world.dispatch()});
  REQUIRE(postmark->wait_for_calls(2));
  CHECK(world.until(
      [&] { return has(instance.metrics(), "carillon_pending_messages{provider=\"postmark\",state=\"claimed\"} 2"); }));
  CHECK(has(instance.metrics(), "carillon_pending_messages{provider=\"postmark\",state=\"waiting\"} 0"));
  CHECK(has(instance.metrics(), "carillon_pending_overdue_seconds{provider=\"postmark\"} 0"));
  postmark->answer(0, accepted());
  postmark->answer(1, accepted());
}
