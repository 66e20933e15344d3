// What clients want: over HTTP, on the page, and what becomes of their messages then.
#include <rapidjson/document.h>

#include <catch2/catch.hpp>

#include "http/url.hpp"
#include "integration/orchestrator/pipe.hpp"
#include "pages/visitor.hpp"
#include "security/accounts.hpp"
#include "security/csrf.hpp"

using namespace carillon;
using namespace carillon::orchestrator::testing;
using events::Status;
using http::Method;
using security::Role;

namespace {

constexpr const char* path = "/api/clients/c1/preferences";
constexpr const char* page = "/settings/preferences";
constexpr const char* orders_off = R"({"preferences":[{"channel":"EMAIL","scope":"orders","enabled":false}]})";

struct Person {
  std::string cookie, csrf;
};

Person sign_in(Pipe& pipe, Role role, const std::string& client) {
  pg::Transaction tx(pipe.owner);
  const auto made =
      security::make_account(tx, "person" + std::to_string(static_cast<int>(role)) + "@" + client + ".example", role,
                             client, pipe.clock.now());
  REQUIRE(made);
  const std::string token = security::begin_session(tx, made->account.id, security::SessionLimits{}, pipe.clock.now());
  const auto session = tx.run("SELECT session_id FROM identity.sessions WHERE account_id = '" + made->account.id + "'");
  tx.commit();
  return {std::string(pages::session_cookie_name) + "=" + token,
          security::csrf_token(pipe.sealer(), session[0][0].as<std::string>(), pipe.clock.now())};
}

http::Answer as(Pipe& pipe, const Person& person, Method method, const std::string& target, std::string body = {},
                const std::string& type = "application/json") {
  http::Call call;
  call.method = method;
  call.url = pipe.url() + target;
  call.headers = {{"Cookie", person.cookie}, {"X-CSRF-Token", person.csrf}, {"Content-Type", type}};
  call.body = std::move(body);
  return pipe.client.call_and_wait(std::move(call));
}

http::Answer save(Pipe& pipe, const Person& person, const http::Fields& fields) {
  return as(pipe, person, Method::POST, page, http::form_encoded(fields), "application/x-www-form-urlencoded");
}

std::string code_of(const http::Answer& answer) {
  rapidjson::Document document;
  document.Parse(answer.body.data(), answer.body.size());
  return document.IsObject() && document.HasMember("code") ? document["code"].GetString() : "";
}

bool holds(const http::Answer& answer, const std::string& text) {
  return answer.body.find(text) != std::string::npos;
}

// Status and reason of a new order mail to that address.
std::string decide(Pipe& pipe, const std::string& recipient, const std::string& key = "ORDER_DELIVERED") {
  const auto before = pipe.seen.messages().size();
  pipe.post(R"({"template_key":")" + key + R"(","client_id":"c1","min_client_version":1,"variables":{"order_id":1,)" +
            R"("order_status":"new","owner_name":"Ann","amount":"1","invoice_url":"https://example.com"})" +
            (recipient.empty() ? "" : R"(,"recipient":")" + recipient + "\"") + "}");
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.messages().size() > before; }));
  const auto event = pipe.seen.messages().back();
  return std::string(events::enum_name(event.status)) + (event.reason.empty() ? "" : " " + event.reason);
}

std::size_t audited(Pipe& pipe, const std::string& action) {
  std::size_t count = 0;
  for (const auto& audit : pipe.seen.audits()) count += audit.action == action ? 1U : 0U;
  return count;
}

}  // namespace

TEST_CASE("preferences: a key of the scope, the client's OWNER and an ADMIN write, STAFF reads, others are refused") {
  Pipe pipe;
  pipe.publish(good_client("c1"));
  pipe.publish(good_client("c2"));
  REQUIRE(pipe.wait_ready());
  const std::string key = security::create_api_key(pipe.owner, "portal", {"preferences"}, pipe.clock.now());
  const Person owner = sign_in(pipe, Role::OWNER, "c1"), staff = sign_in(pipe, Role::STAFF, "c1");
  const Person other = sign_in(pipe, Role::OWNER, "c2");
  REQUIRE(pipe.seen.wait([&] { return pipe.request(Method::GET, path, key).status == 200; }));
  CHECK(pipe.request(Method::GET, path, "").status == 401);
  CHECK(pipe.request(Method::GET, path, pipe.api_key).status == 403);
  CHECK(code_of(pipe.request(Method::GET, "/api/clients/nobody/preferences", key)) == "CLIENT_NOT_FOUND");
  CHECK(pipe.request(Method::PUT, path, key, orders_off).status == 200);
  CHECK(as(pipe, owner, Method::PUT, path, R"({"quiet_hours":"22:00-07:00"})").status == 200);
  const auto seen_by_staff = as(pipe, staff, Method::GET, path);
  CHECK(seen_by_staff.status == 200);
  CHECK(holds(seen_by_staff, R"("quiet_hours":"22:00-07:00")"));
  CHECK(holds(seen_by_staff, R"("time_zone":"UTC")"));
  CHECK(holds(seen_by_staff, R"({"channel":"EMAIL","scope":"orders","enabled":false})"));
  CHECK(as(pipe, staff, Method::PUT, path, orders_off).status == 403);
  CHECK(as(pipe, other, Method::GET, path).status == 403);
  CHECK(as(pipe, other, Method::PUT, path, orders_off).status == 403);
  CHECK(code_of(as(pipe, {owner.cookie, ""}, Method::PUT, path, orders_off)) == "CSRF_INVALID");
  CHECK(pipe.request(Method::PUT, path, key, orders_off, "text/plain").status == 415);
  CHECK(code_of(pipe.request(Method::PUT, path, key,
                             R"({"preferences":[{"channel":"EMAIL","scope":"billing","enabled":false}]})")) ==
        "ALWAYS_SENT");
  CHECK(pipe.request(Method::PUT, path, key, R"({"quiet_hours":"9-5"})").status == 400);
  CHECK(holds(as(pipe, owner, Method::GET, path), R"("quiet_hours":"22:00-07:00")"));  // as it was
  REQUIRE(pipe.seen.wait([&] { return audited(pipe, "PREFERENCES_CHANGED") == 2; }));
  CHECK(pipe.request(Method::PUT, path, pipe.admin_key, R"({"quiet_hours":null,"preferences":[]})").status == 200);
  CHECK(holds(as(pipe, owner, Method::GET, path), R"("quiet_hours":null)"));
}

TEST_CASE(
    "preferences: of a client they hold for all, of a recipient for that one, whatever key has made its reference") {
  const std::string old_key(64, '1'), new_key(64, '2');
  PipeOptions options;
  options.payload_key = new_key + "," + old_key;
  Pipe pipe(options);
  pipe.publish(good_client("c1"));
  REQUIRE(pipe.wait_ready());
  CHECK(decide(pipe, "") == "QUEUED");
  const std::string ann = std::string(path) + "/ann%40example.com";
  CHECK(pipe.request(Method::PUT, ann, pipe.admin_key, orders_off).status == 200);
  CHECK(decide(pipe, "ann@example.com") == "BLOCKED_PREFERENCE SWITCHED_OFF_FOR_RECIPIENT");
  CHECK(decide(pipe, "bob@example.com") == "QUEUED");
  CHECK(holds(pipe.request(Method::GET, ann, pipe.admin_key), R"("scope":"orders","enabled":false)"));
  CHECK_FALSE(holds(pipe.request(Method::GET, ann, pipe.admin_key), "ann@example.com"));
  CHECK(pipe.request(Method::GET, std::string(path) + "/nobody", pipe.admin_key).status == 400);

  const std::string old_hash = security::Sealer::from_text(old_key)->reference("old@example.com");
  pipe.owner.run("INSERT INTO orchestrator.preferences VALUES ('c1', '*', 'EMAIL', false, now(), '" + old_hash + "')");
  CHECK(decide(pipe, "old@example.com") == "BLOCKED_PREFERENCE SWITCHED_OFF_FOR_RECIPIENT");
  CHECK(pipe.request(Method::PUT, std::string(path) + "/old@example.com", pipe.admin_key, R"({"preferences":[]})")
            .status == 200);
  CHECK(decide(pipe, "old@example.com") == "QUEUED");

  // For all: a recipient can't be given what the client wants for nobody.
  CHECK(pipe.request(Method::PUT, path, pipe.admin_key,
                     R"({"preferences":[{"channel":"EMAIL","scope":"*","enabled":false},)"
                     R"({"channel":"EMAIL","scope":"ORDER_STATUS","enabled":true}]})")
            .status == 200);
  CHECK(pipe.request(Method::PUT, std::string(path) + "/bob@example.com", pipe.admin_key,
                     R"({"preferences":[{"channel":"EMAIL","scope":"*","enabled":true}]})")
            .status == 200);
  CHECK(decide(pipe, "bob@example.com") == "BLOCKED_PREFERENCE SWITCHED_OFF_BY_CLIENT");
  CHECK(decide(pipe, "bob@example.com", "ORDER_STATUS") == "QUEUED");
  CHECK(decide(pipe, "", "PAYMENT_FAILED") == "QUEUED");  // is always sent
}

TEST_CASE("preferences: what is switched off while a message waits for the throttle isn't sent") {
  PipeOptions options;
  options.settings.email_per_minute_limit = 1;
  Pipe pipe(options);
  pipe.publish(good_client("c1"));
  REQUIRE(pipe.wait_ready());
  CHECK(decide(pipe, "first@example.com") == "QUEUED");
  CHECK(decide(pipe, "ann@example.com") == "DEFERRED_THROTTLED");
  CHECK(decide(pipe, "", "ORDER_STATUS") == "DEFERRED_THROTTLED");
  CHECK(pipe.request(Method::PUT, std::string(path) + "/ann@example.com", pipe.admin_key, orders_off).status == 200);
  CHECK(pipe.request(Method::PUT, path, pipe.admin_key,
                     R"({"preferences":[{"channel":"EMAIL","scope":"ORDER_STATUS","enabled":false}]})")
            .status == 200);
  pipe.clock.advance(std::chrono::seconds(62));
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::BLOCKED_PREFERENCE) == 2; }));
  std::multiset<std::string> reasons;
  for (const auto& event : pipe.seen.messages())
    if (event.status == Status::BLOCKED_PREFERENCE) reasons.insert(event.reason);
  CHECK(reasons == std::multiset<std::string>{"SWITCHED_OFF_BY_CLIENT", "SWITCHED_OFF_FOR_RECIPIENT"});
}

TEST_CASE("preferences page: the OWNER switches kinds and sets quiet hours, what the page doesn't show stays") {
  Pipe pipe;
  events::ClientState client = good_client("c1");
  client.time_zone = "Europe/London";
  pipe.publish(client);
  REQUIRE(pipe.wait_ready());
  const Person owner = sign_in(pipe, Role::OWNER, "c1");
  CHECK(decide(pipe, "") == "QUEUED");
  CHECK(pipe.request(Method::PUT, path, pipe.admin_key,
                     R"({"preferences":[{"channel":"SMS","scope":"*","enabled":false},)"
                     R"({"channel":"EMAIL","scope":"MONTHLY_DIGEST","enabled":false}]})")
            .status == 200);
  const auto first = as(pipe, owner, Method::GET, page);
  CHECK(first.status == 200);
  CHECK(holds(first, "Europe/London"));
  CHECK(holds(first, R"(name="on:EMAIL:orders" value="1" aria-label="Orders by E-mail" checked)"));
  CHECK(holds(first, R"(name="on:SMS:reminders" value="1" aria-label="Reminders by SMS">)"));
  CHECK(holds(first, "MONTHLY_DIGEST by E-mail: off"));
  CHECK_FALSE(holds(first, ":billing"));
  CHECK_FALSE(holds(first, ":security"));
  CHECK_FALSE(holds(first, "<script>"));  // only the frame's, from a file

  const auto saved = save(pipe, owner,
                          {{"shown:EMAIL:orders", "1"},
                           {"shown:SMS:reminders", "1"},
                           {"on:SMS:reminders", "1"},
                           {"quiet", "1"},
                           {"quiet_start", "22:00"},
                           {"quiet_end", "07:00"}});
  CHECK(saved.status == 303);
  CHECK(http::field(saved.headers, "Location") == std::string(page) + "?saved=1");
  const auto now = pipe.request(Method::GET, path, pipe.admin_key);
  CHECK(holds(now, R"("quiet_hours":"22:00-07:00","time_zone":"Europe/London")"));
  CHECK(holds(
      now,
      R"({"channel":"EMAIL","scope":"MONTHLY_DIGEST","enabled":false},{"channel":"EMAIL","scope":"orders","enabled":false})"));
  CHECK(holds(
      now, R"({"channel":"SMS","scope":"*","enabled":false},{"channel":"SMS","scope":"reminders","enabled":true}]})"));
  CHECK(decide(pipe, "") == "BLOCKED_PREFERENCE SWITCHED_OFF_BY_CLIENT");
  CHECK(holds(as(pipe, owner, Method::GET, std::string(page) + "?saved=1"), "Your preferences are saved"));
}

TEST_CASE("preferences page: bad times are said beside their fields, nothing typed is lost and nothing is changed") {
  Pipe pipe;
  pipe.publish(good_client("c1"));
  REQUIRE(pipe.wait_ready());
  const Person owner = sign_in(pipe, Role::OWNER, "c1");
  const auto wrong =
      save(pipe, owner, {{"shown:EMAIL:orders", "1"}, {"quiet", "1"}, {"quiet_start", "\"><b>"}, {"quiet_end", "7"}});
  CHECK(wrong.status == 422);
  CHECK(holds(wrong, "id=\"quiet_start-error\""));
  CHECK(holds(wrong, "id=\"quiet_end-error\""));
  CHECK(holds(wrong, "&quot;&gt;&lt;b&gt;"));
  CHECK(holds(wrong, R"(aria-label="Orders by E-mail">)"));  // still off
  const auto same = save(pipe, owner, {{"quiet", "1"}, {"quiet_start", "00:00"}, {"quiet_end", "00:00"}});
  CHECK(same.status == 422);
  CHECK(holds(same, "must not end when they begin"));
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.quiet_hours") == 0);
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.preferences") == 0);
}

TEST_CASE("preferences page: STAFF sees it and may not write, a form without its token changes nothing") {
  Pipe pipe;
  pipe.publish(good_client("c1"));
  REQUIRE(pipe.wait_ready());
  const Person staff = sign_in(pipe, Role::STAFF, "c1"), owner = sign_in(pipe, Role::OWNER, "c1");
  const auto seen = as(pipe, staff, Method::GET, page);
  CHECK(seen.status == 200);
  CHECK(holds(seen, "Only the owner of your account can change this"));
  CHECK_FALSE(holds(seen, "Save preferences"));
  CHECK(save(pipe, staff, {{"shown:EMAIL:orders", "1"}}).status == 403);
  CHECK(save(pipe, {owner.cookie, "wrong"}, {{"shown:EMAIL:orders", "1"}}).status == 403);
  CHECK(pipe.get(page).status == 303);  // to /login
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.preferences") == 0);
}
