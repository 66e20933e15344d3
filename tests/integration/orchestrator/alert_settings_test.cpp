// Alert settings: the page and the API, who may do what, and the test message.
#include <catch2/catch.hpp>

#include "events/cloud_events.hpp"
#include "http/url.hpp"
#include "integration/orchestrator/alert_world.hpp"
#include "orchestrator/app/alert_settings_book.hpp"
#include "orchestrator/app/edit_alerts.hpp"
#include "security/csrf.hpp"
#include "values/message_id.hpp"

using namespace carillon;
using namespace carillon::orchestrator;
using namespace carillon::orchestrator::testing;
using namespace std::chrono_literals;
using http::Method;
using security::Role;

namespace {

constexpr const char* api = "/api/tenants/acme/notifications";
constexpr const char* page = "/settings/notifications";
constexpr const char* test_form = "/settings/notifications/test";

bool holds(const http::Answer& answer, const std::string& text) {
  return answer.body.find(text) != std::string::npos;
}

std::string fields(const Person& person, const std::string& more) {
  return "csrf=" + http::percent_encoded(person.csrf) + "&" + more;
}

std::string webhook_field(const std::string& value = webhook) {
  return "slack_webhook_url=" + http::percent_encoded(value);
}

// A signed-in OWNER and the form with a token of the test's choice; nothing may change with it.
struct Forged : AlertWorld {
  Person owner = sign_in(Role::OWNER, "acme");
  int post(const std::string& token) {
    const std::string csrf = token.empty() ? "" : "csrf=" + http::percent_encoded(token) + "&";
    return form(owner, page, csrf + "email=eve@example.com&psi_alert=on").status;
  }
  bool unchanged() { return number("SELECT count(*) FROM orchestrator.tenant_notifications") == 0; }
};

}  // namespace

TEST_CASE("alert settings: an OWNER saves them on the page and finds them again, the webhook masked") {
  AlertWorld world;
  const Person owner = world.sign_in(Role::OWNER, "acme");
  CHECK(holds(world.as(owner, Method::GET, page), "None is on until settings are saved"));
  const auto saved = world.form(
      owner, page, fields(owner, "email=Ann%40Example.com&psi_alert=on&export_completed=on&" + webhook_field()));
  CHECK(saved.status == 303);
  CHECK(http::field(saved.headers, "Location") == "/settings/notifications?done=saved");
  const auto shown = world.as(owner, Method::GET, std::string(page) + "?done=saved");
  CHECK(holds(shown, "Your alert settings are saved."));
  CHECK(holds(shown, "value=\"Ann@example.com\""));
  CHECK(holds(shown, "https://hooks.slack.com/…"));
  CHECK_FALSE(holds(shown, webhook_secret));
  CHECK(holds(shown, "name=\"psi_alert\" value=\"on\" checked"));
  CHECK_FALSE(holds(shown, "name=\"je_imbalance\" value=\"on\" checked"));
  CHECK_FALSE(holds(shown, "Dry run"));
  const auto audits = world.audits("ALERT_SETTINGS_CHANGED", 1);
  REQUIRE(audits.size() == 1);
  CHECK(audits[0].actor == "account:" + owner.account_id);
  CHECK(audits[0].client_id == "acme");
  CHECK(audits[0].details.at("fields") == "email,slack_webhook_url,psi_alert,export_completed");

  {  // an empty webhook field keeps it, the box removes it
    world.form(owner, page, fields(owner, "email=ann%40example.com&slack_webhook_url="));
    CHECK(holds(world.as(owner, Method::GET, page), "https://hooks.slack.com/…"));
    world.form(owner, page, fields(owner, "email=ann%40example.com&slack_webhook_url=&remove_slack=yes"));
    CHECK_FALSE(holds(world.as(owner, Method::GET, page), "https://hooks.slack.com/…\""));
    CHECK(world.audits("ALERT_SETTINGS_CHANGED", 3).back().details.at("fields") == "slack_webhook_url");
  }
  {  // a wrong address or webhook is refused beside its field, and nothing is saved
    const auto wrong = world.form(owner, page, fields(owner, "email=ann&je_imbalance=on"));
    CHECK(wrong.status == 422);
    CHECK(holds(wrong, "id=\"email-error\""));
    CHECK(holds(wrong, "value=\"ann\""));
    CHECK(holds(wrong, "name=\"je_imbalance\" value=\"on\" checked"));
    for (const char* bad : {"http://hooks.slack.com/services/T0/B0/x", "https://evil.example/services/T0/B0/x",
                            "https://hooks.slack.com@evil.example/x"}) {
      const auto refused = world.form(owner, page, fields(owner, "email=&" + webhook_field(bad)));
      CHECK(refused.status == 422);
      CHECK(holds(refused, "id=\"slack_webhook_url-error\""));
      CHECK_FALSE(holds(refused, bad));
    }
    CHECK(world.audits("ALERT_SETTINGS_CHANGED", 3).size() == 3);
  }
}

TEST_CASE("alert settings: an address is stored with its reference, one from before gets it, removing removes both") {
  AlertWorld world;
  const auto referred = [&](const std::string& email) {
    return world.number("SELECT count(*) FROM orchestrator.tenant_notifications WHERE email_hash = '" +
                        (email.empty() ? "" : world.sealer().reference(email)) + "'") == 1;
  };
  world.set_up("Ann@Example.com", webhook);
  CHECK(referred("ann@example.com"));
  REQUIRE(world.put(R"({"alerts":{"psi_alert":false}})").status == 200);
  CHECK(referred("ann@example.com"));
  world.owner.run("UPDATE orchestrator.tenant_notifications SET email_hash = ''");
  add_missing_references(world.owner, world.sealer());
  CHECK(referred("ann@example.com"));
  REQUIRE(world.put(R"({"email":""})").status == 200);
  CHECK(referred(""));
  add_missing_references(world.owner, world.sealer());
  CHECK(referred(""));
}

TEST_CASE("alert settings: alerts no longer go to a recipient who is to be forgotten, all else stays") {
  AlertWorld world;
  world.set_up("ann@example.com", webhook);
  const auto forget = [&](const std::string& email) {
    events::Feedback order;
    order.kind = events::FeedbackKind::ERASE;
    order.channel = events::Channel::EMAIL;
    order.recipient_hash = world.sealer().reference(email);
    order.reason = "REQUESTED";
    world.publish(bus::topics::feedback, {{order.recipient_hash,
                                           events::binary_headers("carillon.feedback.v1", "carillon/health-aggregator",
                                                                  new_uuid(world.clock.now()), world.clock.now()),
                                           events::to_json(order)}});
  };
  forget("bob@example.com");
  REQUIRE(world.audits("RECIPIENT_ERASED", 1).size() == 1);
  CHECK(holds(world.request(Method::GET, api, world.admin_key), "ann@example.com"));
  forget("ann@example.com");
  REQUIRE(world.audits("RECIPIENT_ERASED", 2).size() == 2);
  const auto left = world.request(Method::GET, api, world.admin_key);
  CHECK(holds(left, "\"email\":\"\""));
  CHECK(holds(left, "https://hooks.slack.com/…"));
  CHECK(holds(left, "\"psi_alert\":true"));
  CHECK(world.number("SELECT count(*) FROM orchestrator.tenant_notifications WHERE email || email_hash = ''") == 1);
}

TEST_CASE("alert settings: OWNER may, STAFF reads with the fields disabled and gets 403 on every write, audited") {
  AlertWorld world;
  world.set_up();
  const Person staff = world.sign_in(Role::STAFF, "acme");
  const auto shown = world.as(staff, Method::GET, page);
  CHECK(shown.status == 200);
  CHECK(holds(shown, "ann@example.com"));
  CHECK(holds(shown, "<fieldset disabled>"));
  CHECK_FALSE(holds(shown, "Save alert settings"));
  CHECK_FALSE(holds(shown, "Test Send"));
  CHECK(world.form(staff, page, fields(staff, "email=eve%40example.com")).status == 403);
  CHECK(world.form(staff, test_form, fields(staff, "")).status == 403);
  CHECK(world.as(staff, Method::GET, api).status == 200);
  CHECK(world.as(staff, Method::GET, std::string(api) + "/log").status == 200);
  CHECK(world.as(staff, Method::PUT, api, R"({"email":"eve@example.com"})").status == 403);
  CHECK(world.as(staff, Method::POST, std::string(api) + "/test").status == 403);
  const auto refused = world.audits("ALERT_SETTINGS_REFUSED", 4);
  REQUIRE(refused.size() == 4);
  CHECK(refused[0].reason == "FORBIDDEN");
  CHECK(refused[0].subject_id == staff.account_id);
  CHECK(holds(world.request(Method::GET, api, world.admin_key), "ann@example.com"));
  CHECK(world.log().empty());
}

TEST_CASE("alert settings: another tenant's are 403 and audited, an ADMIN and an admin's key reach all by the API") {
  AlertWorld world;
  world.publish(good_client("globex"));
  REQUIRE(world.seen.wait(
      [&] { return world.request(Method::GET, "/api/tenants/globex/notifications", world.admin_key).status == 200; }));
  const Person owner = world.sign_in(Role::OWNER, "globex");
  CHECK(world.as(owner, Method::GET, "/api/tenants/globex/notifications").status == 200);
  CHECK(world.as(owner, Method::PUT, "/api/tenants/globex/notifications", R"({"email":"g@example.com"})").status ==
        200);
  CHECK(world.as(owner, Method::GET, api).status == 403);
  CHECK(world.as(owner, Method::PUT, api, R"({"email":"g@example.com"})").status == 403);
  CHECK(world.as(owner, Method::POST, std::string(api) + "/test").status == 403);
  CHECK(world.as(owner, Method::GET, std::string(api) + "/log").status == 403);
  const auto refused = world.audits("ALERT_SETTINGS_REFUSED", 4);
  REQUIRE(refused.size() == 4);
  CHECK(refused[0].reason == "OTHER_TENANT");
  CHECK(refused[0].client_id == "globex");
  const Person admin = world.sign_in(Role::ADMIN, "");
  CHECK(world.as(admin, Method::GET, api).status == 200);
  CHECK(world.as(admin, Method::PUT, api, R"({"alerts":{"psi_alert":true}})").status == 200);
  CHECK(world.as(admin, Method::GET, page).status == 403);
  CHECK(world.request(Method::GET, "/api/tenants/nobody/notifications", world.admin_key).status == 404);
  CHECK(world.request(Method::GET, api, world.api_key).status == 403);
  CHECK(world.request(Method::GET, api, "").status == 401);
  CHECK(world.as(owner, Method::PUT, "/api/tenants/globex/notifications", "{}", false).status == 403);
}

TEST_CASE("alert settings: by the API what is left out stays, each wrong field is named, and no value is repeated") {
  AlertWorld world;
  world.set_up("ann@example.com", webhook);
  const auto answer = world.put(R"({"alerts":{"psi_alert":false}})");
  CHECK(answer.status == 200);
  CHECK(holds(answer, R"("email":"ann@example.com","slack_webhook_url":"https://hooks.slack.com/…")"));
  CHECK(holds(answer, R"("psi_alert":false,"budget_fallback":true)"));
  CHECK(holds(answer, R"("channels":{"EMAIL":"READY","SLACK":"READY"})"));
  CHECK_FALSE(holds(answer, webhook_secret));
  CHECK(holds(world.put(R"({"slack_webhook_url":""})"), R"("slack_webhook_url":"")"));
  for (const auto& [body, field] :
       {std::pair{R"({"email":"eve at home"})", "email"}, std::pair{R"({"email":7})", "email"},
        std::pair{R"({"slack_webhook_url":"https://evil.example/sEcReTpArT"})", "slack_webhook_url"},
        std::pair{R"({"alerts":{"psi":true}})", "alerts.psi"},
        std::pair{R"({"alerts":{"psi_alert":1}})", "alerts.psi_alert"}, std::pair{R"({"phone":"1"})", "phone"}}) {
    const auto refused = world.put(body);
    INFO(body);
    CHECK(refused.status == 400);
    CHECK(holds(refused, std::string("\"field\":\"") + field + "\""));
    CHECK_FALSE(holds(refused, webhook_secret));
    CHECK_FALSE(holds(refused, "eve at home"));
  }
}

TEST_CASE("alert settings: Test Send goes out past toggles and debounce, as rows of the type test, and says so") {
  AlertWorld world;
  const Person owner = world.sign_in(Role::OWNER, "acme");
  REQUIRE(world.put(std::string(R"({"email":"ann@example.com","slack_webhook_url":")") + webhook + "\"}").status ==
          200);
  for (int i = 0; i < 2; ++i) {
    world.clock.advance(1s);
    const auto sent = world.form(owner, test_form, fields(owner, ""));
    CHECK(sent.status == 303);
    const auto shown = world.as(owner, Method::GET, http::field(sent.headers, "Location").data());
    CHECK(holds(shown, "Test: E-mail – Sent, Slack – Sent."));
  }
  const auto rows = world.log("test");
  REQUIRE(rows.size() == 4);
  for (const LogRow& row : rows) CHECK(row.sent);
  REQUIRE(world.seen.wait([&] { return world.seen.count(bus::topics::dispatch) == 4; }));
  CHECK(world.audits("ALERT_TEST_SENT", 2).size() == 2);
  const auto log = world.as(owner, Method::GET, std::string(api) + "/log?limit=3");
  CHECK(holds(log, R"("type":"test","state":"SENT","sent":true)"));
  const auto cursor = log.body.find("\"next_cursor\":\"") + 15;
  const auto rest = world.as(
      owner, Method::GET,
      std::string(api) + "/log?limit=3&cursor=" + log.body.substr(cursor, log.body.find('"', cursor) - cursor));
  CHECK(rest.status == 200);
  CHECK(holds(rest, "\"next_cursor\":null"));
  CHECK(world.as(owner, Method::GET, std::string(api) + "/log?cursor=x").status == 400);
  for (int i = 2; i < alert_tests_max; ++i) {
    world.clock.advance(1s);
    CHECK(world.as(owner, Method::POST, std::string(api) + "/test").status == 202);
  }
  CHECK(world.as(owner, Method::POST, std::string(api) + "/test").status == 429);
  CHECK(world.form(owner, test_form, fields(owner, "")).status == 429);
}

TEST_CASE("alert settings: without credentials the page says that it is a dry run, and so does the test") {
  AlertWorld world;
  const Person owner = world.sign_in(Role::OWNER, "acme");
  const auto empty = world.as(owner, Method::GET, page);
  CHECK(holds(empty, "<strong>Dry run</strong>"));
  CHECK(holds(empty, "Nothing yet."));
  const auto sent = world.form(owner, test_form, fields(owner, ""));
  const auto shown = world.as(owner, Method::GET, http::field(sent.headers, "Location").data());
  CHECK(holds(shown, "Test: E-mail – Dry run, Slack – Dry run."));
  CHECK(holds(shown, "BLOCKED_PROVIDER_NOT_CONFIGURED"));
}

TEST_CASE(
    "alert settings: csrf - a missing, a wrong, another session's and an expired token are refused, the page's is "
    "taken") {
  Forged world;
  CHECK(world.post("") == 403);
  CHECK(world.post("1790000000.AAAA") == 403);
  CHECK(world.post(world.sign_in(Role::OWNER, "acme").csrf) == 403);
  CHECK(world.unchanged());
  const std::string fresh = world.owner.csrf;
  for (auto gone = 0min; gone < security::csrf_lifetime; gone += 20min) {  // the session itself goes on
    world.clock.advance(20min);
    REQUIRE(world.as(world.owner, Method::GET, page).status == 200);
  }
  CHECK(world.post(fresh) == 403);
  CHECK(world.unchanged());
  const std::string shown = world.as(world.owner, Method::GET, page).body;
  const auto begin = shown.find("name=\"csrf\" value=\"") + 19;
  CHECK(world.post(shown.substr(begin, shown.find('"', begin) - begin)) == 303);
  CHECK_FALSE(world.unchanged());
}
