#include <set>

#include "world.hpp"

using namespace carillon;
using namespace carillon::dispatcher;
using namespace carillon::dispatcher::testing;
using events::Status;
using namespace std::chrono_literals;

namespace {

ScriptPtr sms_provider(const std::string& name) {
  return std::make_shared<Script>(name, events::Channel::SMS);
}

// twilio costs 0.01 a segment and may cost `limit`; console costs nothing.
SpendSettings limit_of(const char* limit) {
  auto prices = PriceList::parse(R"({"currency":"USD","providers":{
      "twilio":{"channel":"SMS","free_units_per_month":0,"price_per_unit":"0.01"},
      "console":{"channel":"SMS","free_units_per_month":0,"price_per_unit":"0"}}})");
  REQUIRE(prices);
  return {std::move(prices).value(), {{"twilio", *parse_usd(limit)}}};
}

events::Dispatch sms(const World& world, int segments = 1, const std::string& template_key = "OTP_CODE_SMS") {
  events::Dispatch dispatch = world.dispatch();
  dispatch.channel = events::Channel::SMS;
  dispatch.recipient = "+447700900123";
  dispatch.template_key = template_key;
  dispatch.sms_segments = segments;
  dispatch.unconfirmed_policy = events::UnconfirmedPolicy::RESEND;
  return dispatch;
}

std::vector<events::Dispatch> some_sms(const World& world, int count) {
  std::vector<events::Dispatch> dispatches;
  for (int i = 0; i < count; ++i) dispatches.push_back(sms(world));
  return dispatches;
}

bool all_sent(World& world, const std::vector<events::Dispatch>& dispatches) {
  return world.until([&] {
    std::set<std::string> sent;
    for (const auto& event : world.log()) {
      if (event.status == Status::SENT) sent.insert(event.message_id);
    }
    return std::all_of(dispatches.begin(), dispatches.end(), [&](const auto& d) { return sent.count(d.message_id); });
  });
}

bool limit_seen(World& world, Instance& instance, const std::string& key) {
  return world.until(
      [&] { return instance.get("/health/messaging", key).body.find("\"limit_reached\":true") != std::string::npos; });
}

std::vector<events::SendRequest> alerts_of(World& world, const std::string& template_key) {
  std::vector<events::SendRequest> found;
  for (auto& request : world.send_requests()) {
    if (request.template_key == template_key) found.push_back(std::move(request));
  }
  return found;
}

std::string admin_key(World& world) {
  return security::create_api_key(world.owner(), "ops", {"admin"}, world.clock.now());
}

}  // namespace

TEST_CASE("spend: accepted and unconfirmed calls count their segments by day, provider and template; others don't") {
  carillon::testing::ManualClock clock(*from_rfc3339("2026-11-30T23:00:00Z"));
  World world(clock);
  const auto twilio = sms_provider("twilio");
  const auto postmark = std::make_shared<Script>("postmark");
  world.start({twilio, postmark});
  const auto mail = world.dispatch(), text = sms(world, 3), short_text = sms(world, 1, "ADMIN_MANUAL_SMS");
  world.publish({mail, text, short_text});
  REQUIRE(all_sent(world, {mail, text, short_text}));
  twilio->always(failed(OutcomeKind::REJECTED, Reason::RECIPIENT_REJECTED));
  const auto refused = sms(world, 2);
  world.publish({refused});
  REQUIRE(world.until_status(refused.message_id, Status::FAILED));
  twilio->always(failed(OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR));
  const auto failing = sms(world, 2);
  world.publish({failing});
  REQUIRE(world.until_status(failing.message_id, Status::ATTEMPT_FAILED));
  clock.advance(1h);
  auto unknown = sms(world, 2);
  unknown.unconfirmed_policy = events::UnconfirmedPolicy::HOLD;
  twilio->always(failed(OutcomeKind::UNCONFIRMED, Reason::NO_ANSWER));
  world.publish({unknown});
  REQUIRE(world.until_status(unknown.message_id, Status::UNCONFIRMED));
  const auto rows = [&](const std::string& where) {
    return world.number("SELECT coalesce(sum(units * 1000 + messages), 0)::bigint FROM dispatcher.spend WHERE " +
                        where);
  };
  CHECK(rows("day = '2026-11-30' AND provider = 'twilio' AND template_key = 'OTP_CODE_SMS'") == 3'001);
  CHECK(rows("day = '2026-11-30' AND provider = 'twilio' AND template_key = 'ADMIN_MANUAL_SMS'") == 1'001);
  CHECK(rows("day = '2026-11-30' AND provider = 'postmark'") == 1'001);
  CHECK(rows("day >= '2026-12-01' AND provider = 'twilio' AND template_key = 'OTP_CODE_SMS'") >= 2'001);
  CHECK(rows("day < '2026-12-01'") == 5'003);
}

TEST_CASE("spend: an outcome that another instance has taken over is counted there, not twice") {
  const SystemClock clock;
  World world(clock);
  const auto twilio = sms_provider("twilio");
  twilio->answers([](const OutboundMessage&) { return std::nullopt; });
  world.start({twilio});
  const auto dispatch = sms(world);
  world.publish({dispatch});
  REQUIRE(twilio->wait_for_calls(1));
  world.owner().run("UPDATE dispatcher.pending SET state = 2, claimed_by = NULL, claim = NULL");
  twilio->answer(0, accepted("late"));
  REQUIRE(world.until_status(dispatch.message_id, Status::SENT));
  CHECK(world.number("SELECT count(*) FROM dispatcher.spend") == 0);
}

TEST_CASE("spend: three instances that settle at once count every unit and never wait in a circle") {
  const SystemClock clock;
  World world(clock);
  const auto twilio = sms_provider("twilio");
  const auto postmark = std::make_shared<Script>("postmark");
  for (int i = 0; i < 3; ++i) world.start({twilio, postmark});
  constexpr int rounds = 12, each = 25;
  std::vector<events::Dispatch> all;
  for (int round = 0; round < rounds; ++round) {
    std::vector<events::Dispatch> batch;
    for (int i = 0; i < each; ++i) {
      batch.push_back(sms(world, 1 + i % 3, "SMS_" + std::string(1, static_cast<char>('A' + (i * 7 + round) % 5))));
      batch.push_back(world.dispatch());
      batch.back().template_key = "MAIL_" + std::string(1, static_cast<char>('E' - (i + round) % 5));
    }
    world.publish(batch);
    all.insert(all.end(), batch.begin(), batch.end());
  }
  REQUIRE(all_sent(world, all));
  std::int64_t units = 0;
  for (const auto& dispatch : all) units += units_of(dispatch.channel, dispatch.sms_segments);
  REQUIRE(world.until([&] { return world.pending() == 0; }));
  CHECK(world.number("SELECT sum(units)::bigint FROM dispatcher.spend") == units);
  CHECK(world.number("SELECT sum(messages)::bigint FROM dispatcher.spend") == 2 * rounds * each);
  CHECK(world.number("SELECT count(*) FROM dispatcher.spend") == 10);
  world.stop_all();  // with their sessions ended the statistics are complete
  CHECK(world.number("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == 0);
}

TEST_CASE("spend limit: at 100 % the next provider takes the messages, and alerts go out at 80 and 100 %, once each") {
  carillon::testing::ManualClock clock;
  World world(clock);
  const auto twilio = sms_provider("twilio"), console = sms_provider("console");
  Instance* instance = nullptr;
  for (int i = 0; i < 3; ++i) instance = &world.start({twilio, console}, limit_of("0.10"));
  const std::string key = admin_key(world);
  for (int i = 0; i < 8; ++i) {
    const auto one = some_sms(world, 1);
    world.publish(one);
    REQUIRE(all_sent(world, one));
  }
  REQUIRE(world.until([&] { return alerts_of(world, "OPS_ALERT_SPEND_LIMIT").size() == 1; }));
  CHECK(alerts_of(world, "OPS_ALERT_SPEND_LIMIT")[0].variables.text ==
        R"({"provider":"twilio","percent":80,"spent":"0.08 USD","limit":"0.10 USD"})");
  const auto last_two = some_sms(world, 2);
  world.publish(last_two);
  REQUIRE(all_sent(world, last_two));
  REQUIRE(world.until([&] { return alerts_of(world, "OPS_ALERT_SPEND_LIMIT").size() == 2; }));
  const auto alerts = alerts_of(world, "OPS_ALERT_SPEND_LIMIT");
  CHECK(alerts[0].idempotency_key != alerts[1].idempotency_key);
  CHECK(world.audits("SPEND_LIMIT_NEAR").size() == 1);
  CHECK(world.audits("SPEND_LIMIT_REACHED").size() == 1);
  CHECK(twilio->count() == 10);
  CHECK(console->count() == 0);
  REQUIRE(limit_seen(world, *instance, key));
  world.stop_all();
  // After a restart the limit is known again, the next provider takes what comes, and nobody is told twice.
  Instance& again = world.start({twilio, console}, limit_of("0.10"));
  REQUIRE(limit_seen(world, again, key));
  const auto beyond = some_sms(world, 20);
  world.publish(beyond);
  REQUIRE(all_sent(world, beyond));
  CHECK(twilio->count() == 10);
  CHECK(console->count() == 20);
  CHECK(alerts_of(world, "OPS_ALERT_SPEND_LIMIT").size() == 2);
}

TEST_CASE("spend limit: of three instances none passes the limit by itself, and soon none calls any more") {
  const SystemClock clock;
  World world(clock);
  const auto twilio = sms_provider("twilio"), console = sms_provider("console");
  std::vector<Instance*> instances;
  for (int i = 0; i < 3; ++i) instances.push_back(&world.start({twilio, console}, limit_of("0.50")));
  constexpr int limit_calls = 50, batch_calls = 20, batches = 20;
  for (int i = 0; i < batches; ++i) {
    const auto batch = some_sms(world, batch_calls);
    world.publish(batch);
    REQUIRE(all_sent(world, batch));
  }
  CHECK(twilio->count() >= limit_calls);
  CHECK(twilio->count() <= 3 * (limit_calls + batch_calls));  // each knows its own calls but those that run
  const std::string key = admin_key(world);
  for (Instance* instance : instances) REQUIRE(limit_seen(world, *instance, key));
  const std::size_t before = twilio->count();
  const auto later = some_sms(world, 3 * batch_calls);
  world.publish(later);
  REQUIRE(all_sent(world, later));
  CHECK(twilio->count() == before);
  CHECK(twilio->count() + console->count() == batches * batch_calls + later.size());
}

TEST_CASE("spend limit: with no provider left messages wait uncalled, expire as usual, and go in the new month") {
  carillon::testing::ManualClock clock(*from_rfc3339("2026-11-30T12:00:00Z"));
  World world(clock);
  const auto twilio = sms_provider("twilio");
  Instance& instance = world.start({twilio}, limit_of("0.02"));
  const std::string key = admin_key(world);
  const auto first = some_sms(world, 2);
  world.publish(first);
  REQUIRE(all_sent(world, first));
  REQUIRE(limit_seen(world, instance, key));
  auto critical = sms(world);
  critical.priority = events::Priority::CRITICAL;
  auto expiring = sms(world);
  expiring.expires_at = clock.now() + 10min;
  const auto waiting = sms(world);
  world.publish({critical, expiring, waiting});
  CHECK_FALSE(twilio->wait_for_calls(3, 700ms));
  CHECK(world.number("SELECT count(*) FROM dispatcher.pending WHERE state = 0 AND round = 1 AND attempt = 0") == 3);
  clock.advance(11min);
  REQUIRE(world.until_status(expiring.message_id, Status::EXPIRED));
  CHECK(world.log(waiting.message_id).empty());
  clock.advance(12h);
  REQUIRE(all_sent(world, {critical, waiting}));
  CHECK(twilio->count() == 4);
  CHECK(world.number("SELECT sum(units)::bigint FROM dispatcher.spend WHERE day >= '2026-12-01'") == 2);
}

TEST_CASE("costs: GET /api/admin/costs shows the month by provider and template, for admins, and refuses bad months") {
  carillon::testing::ManualClock clock(*from_rfc3339("2026-11-10T12:00:00Z"));
  World world(clock);
  const auto twilio = sms_provider("twilio"), console = sms_provider("console");
  const auto postmark = std::make_shared<Script>("postmark");
  Instance& instance = world.start({twilio, console, postmark}, limit_of("5"));
  world.owner().run(
      "INSERT INTO dispatcher.spend VALUES ('2026-11-03', 'twilio', 'OTP_CODE_SMS', 5, 7), "
      "('2026-10-31', 'twilio', 'OTP_CODE_SMS', 100, 100)");
  const auto text = sms(world, 3), mail = world.dispatch();
  world.publish({text, mail});
  REQUIRE(all_sent(world, {text, mail}));
  const std::string key = admin_key(world);
  CHECK(instance.get("/api/admin/costs", "none").status == 401);
  const auto answer = instance.get("/api/admin/costs", key);
  REQUIRE(answer.status == 200);
  CHECK(answer.body.find(R"({"month":"2026-11","currency":"USD","spent_usd":"0.10","forecast_usd":"0.30",)"
                         R"("forecast_days":7,"uncovered_units":{"EMAIL":1,"SMS":0,"SLACK":0},"providers":[)") == 0);
  // 7 units in 7 days: 1 a day, 20 days after today; today 3 so far.
  CHECK(answer.body.find(
            R"({"provider":"twilio","channel":"SMS","messages":6,"units":10,"free_units":0,"free_units_used":0,)"
            R"("paid_units":10,"uncovered_units":0,"price_per_unit_usd":"0.01","spent_usd":"0.10","limit_usd":"5.00",)"
            R"("limit_reached":false,"forecast_units":30,"forecast_uncovered_units":0,"forecast_usd":"0.30",)"
            R"("templates":[{"template_key":"OTP_CODE_SMS","messages":6,"units":10,"uncovered_units":0,)"
            R"("spent_usd":"0.10","forecast_usd":"0.30"}]})") != std::string::npos);
  CHECK(answer.body.find(R"({"provider":"console","channel":"SMS","messages":0,)") != std::string::npos);
  CHECK(answer.body.find(R"("price_per_unit_usd":null,"spent_usd":"0.00","limit_usd":null)") != std::string::npos);
  const auto october = instance.get("/api/admin/costs", key, {{"month", "2026-10"}});
  CHECK(october.body.find(R"({"month":"2026-10","currency":"USD","spent_usd":"1.00","forecast_usd":"1.00")") == 0);
  for (const auto& [name, value] : {std::pair{"month", "2026-13"}, {"month", ""}, {"moth", "2026-11"}}) {
    const auto refused = instance.get("/api/admin/costs", key, {{name, value}});
    CHECK(refused.status == 400);
    CHECK(refused.body.find("INVALID_FIELD") != std::string::npos);
  }
}

TEST_CASE("spend limit: looking for rounds to end does not walk through what only waits") {
  const SystemClock clock;
  World world(clock);
  world.owner().run(
      "INSERT INTO dispatcher.pending (message_id, due_at, created_at, round, attempt, priority, state, extra_call, "
      "channel, "
      "provider, tried, traceparent, payload) SELECT gen_random_uuid(), now(), now(), 1, 0, 2, 0, false, 'EMAIL', "
      "'postmark', "
      "'{}', '', '{}' FROM generate_series(1, 20000)");
  world.owner().run("ANALYZE dispatcher.pending");
  std::string plan;
  for (const auto& row : world.owner().run(
           "EXPLAIN SELECT message_id FROM dispatcher.pending WHERE state = 0 AND provider = 'postmark' AND due_at <= "
           "now() "
           "AND cardinality(tried) > 0 ORDER BY priority, due_at, message_id LIMIT 50 FOR UPDATE SKIP LOCKED"))
    plan += row[0].as<std::string>() + "\n";
  INFO(plan);
  CHECK(plan.find("pending_mid_round") != std::string::npos);
}
