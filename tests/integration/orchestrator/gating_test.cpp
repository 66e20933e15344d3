#include <catch2/catch.hpp>

#include "events/cloud_events.hpp"
#include "integration/orchestrator/pipe.hpp"
#include "orchestrator/app/template_store.hpp"
#include "values/message_id.hpp"

using namespace carillon;
using namespace carillon::orchestrator::testing;
using events::Status;

namespace {

std::string for_client(const std::string& key, const std::string& client, const std::string& variables,
                       const std::string& extra = "") {
  return "{\"template_key\":\"" + key + "\",\"client_id\":\"" + client + "\",\"variables\":" + variables + extra + "}";
}

const char* reminder = R"({"item":"Gas safety","expiry_date":"2027-02-01"})";
const char* reset = R"({"reset_url":"https://portal.example.com/r"})";

// The first status of the message that `answer` accepted.
std::string status_of(Pipe& pipe, const http::Answer& answer) {
  const std::string mark = "\"message_id\":\"";
  const auto at = answer.body.find(mark);
  const std::string id = at == std::string::npos ? "" : answer.body.substr(at + mark.size(), 36);
  std::string status = "nothing";
  pipe.seen.wait([&] {
    for (const auto& event : pipe.seen.messages()) {
      if (event.message_id == id && status == "nothing") status = events::enum_name(event.status);
    }
    return status != "nothing";
  });
  return status;
}

std::string decide(Pipe& pipe, const std::string& body) {
  const auto answer = pipe.post(body);
  REQUIRE(answer.status == 202);
  return status_of(pipe, answer);
}

bus::Record feedback(events::FeedbackKind kind, const std::string& message_id, const std::string& hash) {
  events::Feedback f;
  f.kind = kind;
  f.message_id = message_id;
  f.channel = events::Channel::EMAIL;
  f.recipient_hash = hash;
  f.reason = "HARD_BOUNCE";
  return {message_id,
          events::binary_headers("carillon.feedback.v1", "carillon/dispatcher", message_id, from_unix_micros(0)),
          events::to_json(f)};
}

}  // namespace

TEST_CASE("gating: the client's state decides, and follows its changes") {
  Pipe pipe;
  auto client = good_client("c1");
  client.onboarding_status = "PENDING";
  pipe.publish(client);
  REQUIRE(pipe.wait_ready());
  CHECK(decide(pipe, for_client("PASSWORD_RESET", "c1", reset)) == "BLOCKED_PROVISIONING_INCOMPLETE");
  client.onboarding_status = "PROVISIONED";
  client.plan = "SOLO";
  client.version = 2;
  pipe.publish(client);
  CHECK(decide(pipe, for_client("PASSWORD_RESET", "c1", reset, ",\"min_client_version\":2")) == "QUEUED");
  CHECK(decide(pipe, for_client("COMPLIANCE_EXPIRY_SMS", "c1", reminder)) == "BLOCKED_PLAN");
  client.version = 1;  // old news
  client.onboarding_status = "PENDING";
  pipe.publish(client);
  client = good_client("c2");
  pipe.publish(client);
  CHECK(decide(pipe, for_client("COMPLIANCE_EXPIRY_SMS", "c2", reminder, ",\"min_client_version\":1")) == "QUEUED");
  CHECK(decide(pipe, for_client("PASSWORD_RESET", "c1", reset)) == "QUEUED");
}

TEST_CASE("gating: preferences and suppressions are asked at each decision") {
  Pipe pipe;
  pipe.publish(good_client("c1"));
  REQUIRE(pipe.wait_ready());
  pipe.owner.run(
      "INSERT INTO orchestrator.preferences VALUES ('c1', 'orders', 'EMAIL', false, now()), ('c1', 'ORDER_DELIVERED', "
      "'EMAIL', true, now())");
  CHECK(decide(pipe, for_client("ORDER_STATUS", "c1", R"({"order_id":1,"order_status":"new"})",
                                ",\"min_client_version\":1")) == "BLOCKED_PREFERENCE");
  CHECK(decide(pipe, for_client("ORDER_DELIVERED", "c1", R"({"order_id":1})")) == "QUEUED");
  const std::string hash = pipe.sealer().reference("c1@example.com");
  pipe.publish(bus::topics::feedback, {feedback(events::FeedbackKind::SUPPRESS, new_uuid(pipe.clock.now()), hash)});
  REQUIRE(pipe.seen.wait([&] { return pipe.number("SELECT count(*) FROM orchestrator.suppressions") == 1; }));
  CHECK(decide(pipe, for_client("ORDER_DELIVERED", "c1", R"({"order_id":2})")) == "BLOCKED_SUPPRESSED");
}

TEST_CASE("gating: a channel without provider is BLOCKED_PROVIDER_NOT_CONFIGURED") {
  PipeOptions options;
  options.provider_known = false;
  Pipe pipe(options);
  pipe.publish_provider(events::Channel::SMS, false, true);
  REQUIRE(pipe.wait_ready());
  CHECK(decide(pipe, R"({"template_key":"ADMIN_MANUAL_SMS","recipient":"+447700900123","variables":{"body":"x"}})") ==
        "BLOCKED_PROVIDER_NOT_CONFIGURED");
  CHECK(
      decide(pipe,
             R"({"template_key":"ADMIN_MANUAL","recipient":"a@example.com","variables":{"subject":"x","body":"x"}})") ==
      "BLOCKED_PROVIDER_NOT_CONFIGURED");
}

TEST_CASE("gating: a rate window holds for a client and item from acceptance and is given back by a final failure") {
  Pipe pipe;
  pipe.publish(good_client("c1"));
  pipe.publish(good_client("c2"));
  REQUIRE(pipe.wait_ready());
  const std::string newest = ",\"min_client_version\":1";
  CHECK(decide(pipe, for_client("COMPLIANCE_EXPIRY_SMS", "c1", reminder, newest)) == "QUEUED");
  const std::string first = pipe.seen.messages().at(0).message_id;
  CHECK(pipe.seen.wait([&] { return pipe.seen.dispatches().size() == 1; }));
  CHECK(pipe.seen.dispatches().at(0).rate_window_taken);
  CHECK(decide(pipe, for_client("COMPLIANCE_EXPIRY_SMS", "c1", reminder)) == "BLOCKED_RATE_LIMITED");
  CHECK(decide(pipe, for_client("COMPLIANCE_EXPIRY_SMS", "c1", R"({"item":"Other","expiry_date":"2027-03-01"})")) ==
        "QUEUED");
  CHECK(decide(pipe, for_client("COMPLIANCE_EXPIRY_SMS", "c2", reminder, newest)) == "QUEUED");
  pipe.publish(bus::topics::feedback, {feedback(events::FeedbackKind::FINAL_FAILURE, first, "")});
  REQUIRE(pipe.seen.wait([&] { return pipe.number("SELECT count(*) FROM orchestrator.rate_windows") == 2; }));
  CHECK(decide(pipe, for_client("COMPLIANCE_EXPIRY_SMS", "c1", reminder)) == "QUEUED");
  pipe.clock.advance(std::chrono::hours(24));
  CHECK(decide(pipe, for_client("COMPLIANCE_EXPIRY_SMS", "c1", reminder)) == "QUEUED");
}

TEST_CASE("gating: a request that waits for a newer client state is parked, then decided when it comes or after 30 s") {
  Pipe pipe;
  pipe.publish(good_client("c1"));
  REQUIRE(pipe.wait_ready());
  const auto waiting = pipe.post(for_client(
      "WELCOME_EMAIL", "c9", R"({"set_password_url":"https://portal.example.com/s"})", ",\"min_client_version\":3"));
  REQUIRE(waiting.status == 202);
  REQUIRE(pipe.seen.wait([&] { return pipe.number("SELECT count(*) FROM orchestrator.parked_requests") == 1; }));
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.parked_requests WHERE position('set_password_url'::bytea in "
                    "request) > 0") == 0);
  CHECK(pipe.seen.messages().empty());
  pipe.publish(good_client("c9", 3));
  CHECK(status_of(pipe, waiting) == "QUEUED");
  const auto never = pipe.post(for_client("PASSWORD_RESET", "never", reset, ",\"min_client_version\":1"));
  REQUIRE(never.status == 202);
  REQUIRE(pipe.seen.wait([&] { return pipe.number("SELECT count(*) FROM orchestrator.parked_requests") == 1; }));
  pipe.clock.advance(std::chrono::seconds(31));
  CHECK(status_of(pipe, never) == "BLOCKED_CLIENT_NOT_FOUND");
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.parked_requests") == 0);
}

TEST_CASE("gating: a parked request whose seal can't be opened is refused, and holds up nobody") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const auto ask = [&](const char* client) {
    return pipe.post(for_client("WELCOME_EMAIL", client, R"({"set_password_url":"https://portal.example.com/s"})",
                                ",\"min_client_version\":3"));
  };
  const auto broken = ask("c8"), whole = ask("c9");
  REQUIRE(pipe.seen.wait([&] { return pipe.number("SELECT count(*) FROM orchestrator.parked_requests") == 2; }));
  REQUIRE(
      pipe.owner
          .run("UPDATE orchestrator.parked_requests SET request = convert_to(replace(convert_from(request, 'UTF8'), "
               "'\"sealed\":\"', '\"sealed\":\"x'), 'UTF8') WHERE client_id = 'c8' "
               "AND position('\"sealed\":\"' in convert_from(request, 'UTF8')) > 0")
          .affected_rows() == 1);
  pipe.publish(good_client("c8", 3));
  pipe.publish(good_client("c9", 3));
  CHECK(status_of(pipe, broken) == "BLOCKED_INVALID_REQUEST");
  CHECK(status_of(pipe, whole) == "QUEUED");
}

TEST_CASE("gating: a request whose time is over is EXPIRED and never sent") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  CHECK(
      decide(
          pipe,
          R"({"template_key":"OTP_CODE_SMS","recipient":"+447700900123","variables":{"code":"1"},"expires_at":"2026-01-01T00:00:00Z"})") ==
      "EXPIRED");
  CHECK(pipe.seen.count(bus::topics::dispatch) == 0);
}

TEST_CASE("templates: the locale falls back, a version can be pinned, an admin's version is used at once") {
  Pipe pipe;
  pipe.publish(good_client("c1"));
  REQUIRE(pipe.wait_ready());
  const char* failed = R"({"amount":"5 EUR"})";
  const auto subject = [&](const std::string& extra) {
    const std::size_t before = pipe.seen.dispatches().size();
    REQUIRE(pipe.post(for_client("PAYMENT_FAILED", "c1", failed, ",\"min_client_version\":1" + extra)).status == 202);
    REQUIRE(pipe.seen.wait([&] { return pipe.seen.dispatches().size() > before; }));
    return pipe.seen.dispatches().at(before).subject;
  };
  CHECK(subject(",\"locale\":\"de-AT\"") == "Ihre Zahlung über 5 EUR ist fehlgeschlagen");
  CHECK(subject(",\"locale\":\"fr\"") == "Your payment of 5 EUR failed");
  CHECK(subject("") == "Your payment of 5 EUR failed");
  pipe.owner.run(
      "INSERT INTO orchestrator.template_versions VALUES ('PAYMENT_FAILED', 2, NULL, now(), 'ann');"
      "INSERT INTO orchestrator.template_bodies VALUES ('PAYMENT_FAILED', 2, 'en', 'New words', 'Text', '');"
      "UPDATE orchestrator.templates SET active_version = 2 WHERE key = 'PAYMENT_FAILED';"
      "UPDATE orchestrator.template_revision SET revision = revision + 1");
  CHECK(pipe.seen.wait([&] { return subject("") == "New words"; }));
  CHECK(subject(",\"template_version\":1") == "Your payment of 5 EUR failed");
  CHECK(decide(pipe, for_client("PAYMENT_FAILED", "c1", failed, ",\"template_version\":9")) ==
        "BLOCKED_TEMPLATE_NOT_FOUND");
}

TEST_CASE(
    "templates: seeding twice changes nothing, a changed seed makes a new version, an edited template is left alone") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  using orchestrator::TemplateStore;
  auto seeds = orchestrator::template_seeds();
  const auto versions = [&](const char* key) {
    return pipe.number(std::string("SELECT active_version FROM orchestrator.templates WHERE key = '") + key + "'");
  };
  CHECK(TemplateStore::seed(pipe.owner, seeds, pipe.clock.now()) == 0);
  pipe.owner.run(
      "INSERT INTO orchestrator.template_versions VALUES ('LEAD_RECEIVED', 2, NULL, now(), 'ann');"
      "UPDATE orchestrator.templates SET active_version = 2 WHERE key = 'LEAD_RECEIVED';"
      "UPDATE orchestrator.templates SET active = false WHERE key = 'ORDER_STATUS'");
  for (auto& seed : seeds) {
    if (seed.meta.key == "LEAD_RECEIVED" || seed.meta.key == "ORDER_STATUS") {
      seed.bodies.front().text += " changed";
      seed.hash = "another";
    }
  }
  CHECK(TemplateStore::seed(pipe.owner, seeds, pipe.clock.now()) == 2);
  CHECK(versions("LEAD_RECEIVED") == 2);  // the seed's words stand beside a person's, as version 3
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.template_versions WHERE key = 'LEAD_RECEIVED' AND version = 3 "
                    "AND seed_hash IS NOT NULL") == 1);
  CHECK(versions("ORDER_STATUS") == 2);
  CHECK(versions("ADMIN_MANUAL") == 1);
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.templates WHERE key = 'ORDER_STATUS' AND NOT active") == 1);
  CHECK(TemplateStore::seed(pipe.owner, seeds, pipe.clock.now()) == 0);
}

TEST_CASE("templates: admins list them and see one with its versions and words") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const std::string admin = security::create_api_key(pipe.owner, "admin", {"admin"}, pipe.clock.now());
  const auto get = [&](const std::string& path, const std::string& key) {
    http::Call call;
    call.method = http::Method::GET;
    call.url = pipe.url() + path;
    call.headers = {{"Authorization", "Bearer " + key}};
    return pipe.client.call_and_wait(call);
  };
  const auto list = get("/api/admin/templates", admin);
  CHECK(list.status == 200);
  CHECK(list.body.find("\"key\":\"WELCOME_EMAIL\"") != std::string::npos);
  const auto one = get("/api/admin/templates/COMPLIANCE_EXPIRY_SMS", admin);
  CHECK(one.status == 200);
  CHECK(one.body.find("\"key\":\"COMPLIANCE_EXPIRY_REMINDER_SMS\"") != std::string::npos);
  CHECK(one.body.find("\"bodies\":[{\"locale\":\"en\"") != std::string::npos);
  CHECK(get("/api/admin/templates/NO_SUCH", admin).status == 404);
  CHECK(get("/api/admin/templates", pipe.api_key).status == 403);
}
