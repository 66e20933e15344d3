// From a snapshot to messages and notification_log.
#include <catch2/catch.hpp>

#include "events/cloud_events.hpp"
#include "integration/orchestrator/alert_world.hpp"
#include "service/failpoint.hpp"
#include "values/message_id.hpp"

using namespace carillon;
using namespace carillon::orchestrator;
using namespace carillon::orchestrator::testing;
using namespace std::chrono_literals;
using events::Status;

namespace {

constexpr const char* drift = R"({"psi_vendor":0.2001,"psi_amount":0.08})";
constexpr const char* calm = R"({"psi_vendor":0.20,"psi_amount":0.08})";

void fail_finally(AlertWorld& world, const std::string& message_id) {
  events::Feedback feedback;
  feedback.message_id = message_id;
  feedback.kind = events::FeedbackKind::FINAL_FAILURE;
  feedback.template_key = "TENANT_ALERT_PSI";
  feedback.channel = events::Channel::EMAIL;
  feedback.client_id = "acme";
  feedback.reason = "ROUNDS_EXHAUSTED";
  world.publish(bus::topics::feedback, {{message_id,
                                         events::binary_headers("carillon.feedback.v1", "carillon/provider-dispatcher",
                                                                new_uuid(world.clock.now()), world.clock.now()),
                                         events::to_json(feedback)}});
  REQUIRE(world.seen.wait([&] { return world.log().front().state == "FAILED"; }));
}

events::SealedContent content_of(AlertWorld& world, const events::Dispatch& dispatch) {
  const auto plain = world.sealer().open(dispatch.sealed, dispatch.message_id);
  REQUIRE(plain);
  return *events::from_json<events::SealedContent>(*plain);
}

}  // namespace

TEST_CASE("alerts: every trigger goes out from a snapshot, with its title, by e-mail and to Slack") {
  AlertWorld world;
  world.set_up("ann@example.com", webhook);
  world.measure(
      R"({"psi_vendor":0.27,"psi_amount":0.08,"fallback_active":true,"spend":52.1,"budget":50,"currency":"USD",
      "je_imbalance_count":3,"posted_count":118,"skipped_count":4,"export_id":"exp-1","vendor":"Acme & Söhne",
      "consistent_labels":3})");
  REQUIRE(world.seen.wait([&] { return world.seen.count(bus::topics::dispatch) == 10; }));
  std::map<std::string, std::string> mails, slack;
  for (const auto& dispatch : world.seen.dispatches()) {
    CHECK(dispatch.client_id == "acme");
    if (dispatch.channel == events::Channel::EMAIL) {
      CHECK(dispatch.recipient == "ann@example.com");
      mails[dispatch.subject] = dispatch.text;
    } else {
      const auto content = content_of(world, dispatch);
      CHECK(content.recipient == webhook);
      slack[content.subject] = content.text;
    }
  }
  CHECK(mails.size() == 5);
  CHECK(mails == slack);
  CHECK(mails.at("⚠️ Data Drift Detected").find("Vendor PSI: 0.27\nAmount PSI: 0.08\nThreshold: 0.20") !=
        std::string::npos);
  CHECK(mails.at("⚠️ LLM Budget Exceeded").find("Spent: 52.10 USD\nBudget: 50.00 USD") != std::string::npos);
  CHECK(mails.at("⚠️ Journal Entry Imbalance").find("3") != std::string::npos);
  CHECK(mails.at("✅ Export Complete").find("Posted: 118\nSkipped: 4") != std::string::npos);
  CHECK(mails.at("✅ Vendor Ready for Auto-Post").find("Acme & Söhne") != std::string::npos);
  CHECK(world.log().size() == 10);
  for (const LogRow& row : world.log()) CHECK(row.sent);
}

TEST_CASE("alerts: a switched-off alert and a tenant without settings get nothing") {
  AlertWorld world;
  world.measure(drift);
  CHECK(world.log().empty());
  REQUIRE(world.put(R"({"email":"ann@example.com","alerts":{"je_imbalance":true}})").status == 200);
  world.measure(R"({"psi_vendor":0.9,"je_imbalance_count":1})");
  REQUIRE(world.log().size() == 1);
  CHECK(world.log().front().type == "je_imbalance");
}

TEST_CASE("alerts: debounce - within 15 minutes of a sent alert another of its type is held back, after them it goes") {
  AlertWorld world;
  world.set_up();
  world.measure(drift);
  world.measure(calm);
  world.clock.advance(15min - 1s);
  world.measure(drift);
  CHECK(world.log("psi_alert").size() == 1);
  world.measure(R"({"fallback_active":true})");  // another type has a debounce of its own
  CHECK(world.log("budget_fallback").size() == 1);
  world.clock.advance(1s);
  world.measure(drift);
  CHECK(world.log("psi_alert").size() == 2);
}

TEST_CASE("alerts: debounce - one on its way counts however old it is, one that was sent from then on") {
  AlertWorld world;
  world.set_up();
  world.measure(drift);
  CHECK(world.number("SELECT count(*) FROM orchestrator.notification_log WHERE sent_at = '" +
                     to_rfc3339(world.clock.now()) + "'") == 1);
  world.clock.advance(48h);
  const auto told_after = [&](const std::string& state, const std::string& sent_at) {
    world.owner.run("UPDATE orchestrator.notification_log SET state = '" + state + "', sent_at = " + sent_at);
    for (const char* snapshot : {calm, drift}) {
      REQUIRE(world.metrics(snapshot).status == 202);
      world.wait_handled();
    }
    return world.log("psi_alert").size();
  };
  const auto ago = [&](std::chrono::minutes past) { return "'" + to_rfc3339(world.clock.now() - past) + "'"; };
  CHECK(told_after("PENDING", "NULL") == 1);
  CHECK(told_after("SENT", ago(14min)) == 1);
  CHECK(told_after("SENT", "NULL") == 2);  // from when it was made
}

TEST_CASE("alerts: debounce - what was blocked, tried dry or failed at last does not count") {
  AlertWorld world;
  world.set_up();
  const auto again = [&] {
    world.clock.advance(1s);
    world.measure(calm);
    world.measure(drift);
    return world.log("psi_alert").back();
  };
  {
    world.measure(drift);
    REQUIRE(world.log().front().sent);
    fail_finally(world, world.log().front().message_id);
    CHECK_FALSE(world.log().front().sent);
    CHECK(world.log().front().error == "FAILED: ROUNDS_EXHAUSTED");
  }
  {
    world.publish_provider(events::Channel::EMAIL, true, false);
    REQUIRE(world.seen.wait([&] {
      return world.request(http::Method::GET, "/api/tenants/acme/notifications", world.admin_key)
                 .body.find("\"EMAIL\":\"NOT_CONFIGURED\"") != std::string::npos;
    }));
    CHECK(again().state == "DRY_RUN");
    world.clock.advance(1us);  // its state has a version
    world.publish_provider(events::Channel::EMAIL, true, true);
    REQUIRE(world.seen.wait([&] {
      return world.request(http::Method::GET, "/api/tenants/acme/notifications", world.admin_key)
                 .body.find("\"EMAIL\":\"READY\"") != std::string::npos;
    }));
  }
  {
    REQUIRE(world
                .request(http::Method::POST, "/api/admin/suppressions", world.admin_key,
                         R"({"channel":"EMAIL","recipient":"ann@example.com"})")
                .status == 201);
    const LogRow blocked = again();
    CHECK(blocked.state == "BLOCKED");
    CHECK(blocked.error.starts_with("BLOCKED_SUPPRESSED: RECIPIENT_SUPPRESSED"));
    REQUIRE(
        world.request(http::Method::DELETE_, "/api/admin/suppressions/EMAIL/ann@example.com", world.admin_key).status ==
        200);
  }
  CHECK(again().sent);
  CHECK(world.log("psi_alert").size() == 4);
}

TEST_CASE(
    "alerts: dry run - without an address both channels are tried, with payload and BLOCKED_PROVIDER_NOT_CONFIGURED") {
  AlertWorld world;
  world.set_up("", "");
  world.measure(drift);
  const auto rows = world.log();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].channel != rows[1].channel);
  for (const LogRow& row : rows) {
    CHECK_FALSE(row.sent);
    CHECK(row.state == "DRY_RUN");
    CHECK(row.error.starts_with("BLOCKED_PROVIDER_NOT_CONFIGURED: ALERT_ADDRESS_MISSING"));
    CHECK(row.payload.find("⚠️ Data Drift Detected") != std::string::npos);
    CHECK(row.payload.find("Vendor PSI: 0.2001") != std::string::npos);
  }
  REQUIRE(world.seen.wait([&] { return world.seen.count(Status::BLOCKED_PROVIDER_NOT_CONFIGURED) == 2; }));
  CHECK(world.seen.count(bus::topics::dispatch) == 0);
}

TEST_CASE("alerts: dry run - Slack without a provider; the webhook is in no record, row or log payload") {
  AlertWorld world{PipeOptions{}};
  world.set_up("", webhook);
  world.measure(drift);
  const auto rows = world.log();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].channel == "SLACK");
  CHECK(rows[0].state == "DRY_RUN");
  CHECK(rows[0].error.starts_with("BLOCKED_PROVIDER_NOT_CONFIGURED: "));
  CHECK(rows[0].payload.find("⚠️ Data Drift Detected") != std::string::npos);
  CHECK(rows[0].payload.find(webhook_secret) == std::string::npos);
  for (const char* table : {"bus.send_requests", "bus.message_log", "bus.audit", "bus.tenant_alerts"})
    CHECK(world.number(std::string("SELECT count(*) FROM ") + table + " WHERE position('" + webhook_secret +
                       "'::bytea in records) > 0") == 0);
  CHECK(world.number(
            std::string("SELECT count(*) FROM orchestrator.tenant_notifications WHERE slack_webhook_url LIKE '%") +
            webhook_secret + "%'") == 0);
}

TEST_CASE("alerts: the same snapshot delivered twice fires once, and other exports and vendors are told") {
  AlertWorld world;
  world.set_up();
  events::TenantMetrics metrics;
  metrics.tenant_id = "acme";
  metrics.snapshot_id = new_uuid(world.clock.now());
  metrics.accepted_at = world.clock.now();
  metrics.metrics = events::MetricsSnapshot{};
  metrics.metrics->psi_vendor = 0.5;
  metrics.metrics->posted_count = 1;
  metrics.metrics->vendor = "Bolt";
  metrics.metrics->consistent_labels = 3;
  world.deliver_twice(events::to_json(metrics));
  CHECK(world.log().size() == 3);
  world.clock.advance(16min);  // not only the debounce keeps it from being told again
  world.deliver_twice(events::to_json(metrics));
  CHECK(world.log().size() == 3);
  world.measure(R"({"posted_count":5,"export_id":"e2","vendor":"Nut","consistent_labels":3})");
  CHECK(world.log("export_completed").size() == 2);
  CHECK(world.log("coldstart_graduated").size() == 2);
}

TEST_CASE("alerts: a crash before the commit leaves nothing half done, and the alert goes out once") {
  AlertWorld world;
  world.set_up("ann@example.com", webhook);
  configure_failpoints("orchestrator.alerts.before_commit=error@1");
  world.measure(drift);
  configure_failpoints("");
  CHECK(world.log().size() == 2);
  REQUIRE(world.seen.wait([&] { return world.seen.count(bus::topics::dispatch) == 2; }));
  CHECK(world.seen.count(bus::topics::send_requests) == 2);
}

TEST_CASE("alerts: what is no snapshot goes to the dead letters, others go through") {
  AlertWorld world;
  world.set_up();
  const auto record = [&](const std::string& json) {
    return bus::Record{
        "acme",
        events::binary_headers("carillon.tenant-metrics.v1", "test", new_uuid(world.clock.now()), world.clock.now()),
        json};
  };
  const std::string head = R"({"tenant_id":"acme","snapshot_id":")" + new_uuid(world.clock.now()) + "\"";
  world.publish(
      bus::topics::tenant_alerts,
      {record("{"), record(head + "}"), record(R"({"tenant_id":"acme","metrics":{"psi_vendor":0.5}})"),
       record(head + R"(,"metrics":{"psi_vendor":-1}})"), record(head + R"(,"metrics":{"psi_vendor":0.5}})")});
  world.wait_decided();
  CHECK(world.log().size() == 1);
  CHECK(world.number("SELECT coalesce(sum(record_count), 0) FROM bus.tenant_alerts_dlq") == 4);
}

TEST_CASE("metrics api: bad fields are named, unknown tenants are 404, and the key needs its own scope") {
  AlertWorld world;
  const auto refused = [&](const std::string& body, const std::string& code, const std::string& field) {
    INFO(body);
    const auto answer = world.metrics(body);
    CHECK(answer.status == 400);
    CHECK(answer.body.find("\"code\":\"" + code + "\"") != std::string::npos);
    if (!field.empty()) CHECK(answer.body.find("\"field\":\"" + field + "\"") != std::string::npos);
  };
  refused("{", "MALFORMED_JSON", "");
  refused("{}", "NO_METRICS", "");
  refused(R"({"psi_vendor":"high"})", "INVALID_FIELD", "psi_vendor");
  refused(R"({"psi_amount":-0.1})", "INVALID_FIELD", "psi_amount");
  refused(R"({"je_imbalance_count":1.5})", "INVALID_FIELD", "je_imbalance_count");
  refused(R"({"mood":"good"})", "INVALID_FIELD", "mood");
  CHECK(world.metrics(drift, "nobody").status == 404);
  CHECK(world.metrics(drift, "nobody").body.find("TENANT_NOT_FOUND") != std::string::npos);
  CHECK(world.request(http::Method::POST, "/api/tenants/acme/metrics", world.api_key, drift).status == 403);
  CHECK(world.request(http::Method::POST, "/api/tenants/acme/metrics", "", drift).status == 401);
  CHECK(world.request(http::Method::POST, "/api/tenants/acme/metrics", world.metrics_key, drift, "text/plain").status ==
        415);
  const auto accepted = world.metrics(drift);
  CHECK(accepted.status == 202);
  CHECK(accepted.body.find("\"snapshot_id\":\"") != std::string::npos);
  CHECK(world.request(http::Method::GET, "/api/tenants/acme/notifications", world.metrics_key).status == 403);
}
