#include <rapidjson/document.h>

#include <catch2/catch.hpp>

#include "integration/provisioning/world.hpp"
#include "security/accounts.hpp"
#include "security/csrf.hpp"

using namespace carillon;
using namespace carillon::provisioning;
using namespace carillon::provisioning::testing;
using namespace std::chrono_literals;

namespace {

constexpr const char* clients = "/api/admin/clients";
constexpr const char* acme = "/api/admin/clients/acme";

rapidjson::Document json(const http::Answer& answer) {
  rapidjson::Document document;
  document.Parse(answer.body.data(), answer.body.size());
  REQUIRE_FALSE(document.HasParseError());
  return document;
}

std::string text(const http::Answer& answer, const char* name) {
  const auto document = json(answer);
  REQUIRE(document.HasMember(name));
  return document[name].IsString() ? document[name].GetString() : "";
}

std::int64_t version(const http::Answer& answer) {
  return json(answer)["version"].GetInt64();
}

std::string etag(const http::Answer& answer) {
  return std::string(http::field(answer.headers, "ETag"));
}

// A world whose service takes changes.
struct Directory : World {
  Directory() { REQUIRE(wait_ready()); }
};

}  // namespace

TEST_CASE("client api: a client is made, read, changed, replaced and removed, each version published") {
  Directory world;
  const auto made = world.post(
      clients, R"({"client_id":"acme","plan":"PRO","business_name":"Acme","contacts":{"email":"ann@acme.example"}})");
  CHECK(made.status == 201);
  CHECK(http::field(made.headers, "Location") == acme);
  CHECK(etag(made) == "\"1\"");
  CHECK(text(made, "onboarding_status") == "PENDING");
  CHECK(world.get(acme).status == 200);
  const auto merged = world.patch(acme, R"({"time_zone":"Europe/London","sms_enabled":true})");
  CHECK(merged.status == 200);
  CHECK(version(merged) == 2);
  CHECK(text(merged, "plan") == "PRO");
  const auto replaced = world.put(acme, R"({"plan":"SOLO"})");
  CHECK(version(replaced) == 3);
  CHECK(text(replaced, "business_name").empty());
  const auto removed = world.call(http::Method::DELETE_, acme);
  CHECK(removed.status == 200);
  CHECK(version(removed) == 4);
  CHECK(world.get(acme).status == 404);
  std::int64_t last = 0;
  for (const auto& state : world.states()) {
    CHECK(state.version == ++last);
    CHECK(state.deleted == (last == 4));
  }
  CHECK(last == 4);
}

TEST_CASE("client api: who comes back goes on from the version it had") {
  Directory world;
  world.put(acme, R"({"plan":"PRO"})");
  world.call(http::Method::DELETE_, acme);
  CHECK(world.patch(acme, R"({"plan":"SOLO"})").status == 404);
  const auto back = world.post(clients, R"({"client_id":"acme","plan":"SOLO"})");
  CHECK(back.status == 201);
  CHECK(version(back) == 3);
  CHECK_FALSE(world.states().back().deleted);
  CHECK(world.states().back().plan == "SOLO");
}

TEST_CASE("client api: the people of a client that is removed are signed out, until it comes back") {
  Directory world;
  world.put(acme, "{}");
  world.put("/api/admin/clients/other", "{}");
  world.change([&](auto& tx, auto&) {
    for (const std::string& client : {std::string("acme"), std::string("other")}) {
      const auto made =
          security::make_account(tx, client + "@example.com", security::Role::OWNER, client, world.clock.now());
      REQUIRE(made);
      security::begin_session(tx, made->account.id, {}, world.clock.now());
    }
  });
  const auto open = [&] {
    return world.text("SELECT string_agg(client_id, ' ') FROM identity.accounts WHERE disabled_at IS NULL");
  };
  world.call(http::Method::DELETE_, acme);
  CHECK(open() == "other");
  CHECK(world.number("SELECT count(*) FROM identity.sessions") == 1);
  world.put(acme, "{}");
  CHECK(world.number("SELECT count(*) FROM identity.accounts WHERE disabled_at IS NULL") == 2);
  CHECK(world.number("SELECT count(*) FROM identity.sessions") == 1);
}

TEST_CASE("client api: whose account was closed by itself stays out when the client comes back") {
  Directory world;
  world.put(acme, "{}");
  world.change([&](auto& tx, auto&) {
    for (const char* email : {"ann@example.com", "bob@example.com"})
      REQUIRE(security::make_account(tx, email, security::Role::STAFF, "acme", world.clock.now()));
  });
  world.owner.run("UPDATE identity.accounts SET disabled_at = '2026-01-01' WHERE email = 'bob@example.com'");
  world.call(http::Method::DELETE_, acme);
  world.put(acme, "{}");
  CHECK(world.text("SELECT string_agg(email, ' ') FROM identity.accounts WHERE disabled_at IS NULL") ==
        "ann@example.com");
}

TEST_CASE("client api: a change of nothing shows the client, and is audited as a look") {
  Directory world;
  world.put(acme, R"({"owner_phone":"+447700900123"})");
  CHECK(world.patch(acme, "{}").status == 200);
  CHECK(world.audited("CLIENT_VIEWED") == 1);
  CHECK(world.audited("CLIENT_UPDATED") == 0);
}

TEST_CASE("client api: without an id a client gets one") {
  Directory world;
  const auto made = world.post(clients, "{}");
  CHECK(made.status == 201);
  CHECK(text(made, "client_id").size() == 36);
}

TEST_CASE("client api: a change that changes nothing makes no version") {
  Directory world;
  world.put(acme, R"({"plan":"PRO"})");
  CHECK(version(world.put(acme, R"({"plan":"PRO"})")) == 1);
  CHECK(version(world.patch(acme, R"({"plan":"PRO"})")) == 1);
  CHECK(world.states().size() == 1);
}

TEST_CASE("client api: If-Match lets only who has seen the latest version change it") {
  Directory world;
  const auto first = world.put(acme, R"({"plan":"PRO"})");
  CHECK(world.patch(acme, R"({"plan":"SOLO"})", {{"If-Match", etag(first)}}).status == 200);
  const auto late = world.patch(acme, R"({"plan":"PORTFOLIO"})", {{"If-Match", etag(first)}});
  CHECK(late.status == 412);
  CHECK(text(late, "code") == "VERSION_MISMATCH");
  CHECK(world.call(http::Method::DELETE_, acme, {}, {{"If-Match", "\"1\""}}).status == 412);
  CHECK(world.put(acme, "{}", {{"If-Match", "1"}}).status == 400);
  CHECK(world.put("/api/admin/clients/other", "{}", {{"If-Match", "*"}}).status == 404);
  CHECK(text(world.get(acme), "plan") == "SOLO");
}

TEST_CASE("client api: of 20 who change one client at once each makes a version of its own") {
  Directory world;
  world.put(acme, "{}");
  std::vector<std::thread> callers;
  std::atomic<int> taken = 0;
  for (int i = 0; i < 20; ++i)
    callers.emplace_back([&, i] {
      if (world.patch(acme, R"({"business_name":"name )" + std::to_string(i) + "\"}").status == 200) ++taken;
    });
  for (auto& caller : callers) caller.join();
  CHECK(taken == 20);
  CHECK(version(world.get(acme)) == 21);
  std::int64_t last = 0;
  for (const auto& state : world.states()) CHECK(state.version == ++last);
}

TEST_CASE("client api: of 20 who make one client at once one does") {
  Directory world;
  std::vector<std::thread> callers;
  std::atomic<int> made = 0, refused = 0;
  for (int i = 0; i < 20; ++i)
    callers.emplace_back([&] {
      const int status = world.post(clients, R"({"client_id":"acme"})").status;
      if (status == 201) ++made;
      if (status == 409) ++refused;
    });
  for (auto& caller : callers) caller.join();
  CHECK(made == 1);
  CHECK(refused == 19);
  CHECK(world.states().size() == 1);
}

TEST_CASE("client api: what is wrong is a problem that names the field") {
  Directory world;
  world.put(acme, R"({"owner_phone":"+447700900123"})");
  const auto [body, status, code, field] = GENERATE(table<std::string, int, std::string, std::string>({
      {R"({"plan":"GOLD"})", 400, "INVALID_FIELD", "plan"},
      {R"({"contacts":{"email":"x"}})", 400, "INVALID_FIELD", "contacts.email"},
      {R"({"time_zone":"Europe/Atlantis"})", 400, "INVALID_FIELD", "time_zone"},
      {R"({"client_id":"a b"})", 400, "INVALID_FIELD", "client_id"},
      {R"({"client_id":"acme"})", 409, "CLIENT_EXISTS", "client_id"},
      {R"({"owner_phone":"+447700900123"})", 409, "OWNER_PHONE_TAKEN", "owner_phone"},
      {"nonsense", 400, "MALFORMED_JSON", ""},
  }));
  const auto answer = world.post(clients, body);
  CAPTURE(body, answer.body);
  CHECK(answer.status == status);
  CHECK(http::field(answer.headers, "Content-Type") == "application/problem+json");
  CHECK(text(answer, "code") == code);
  if (!field.empty()) CHECK(text(answer, "field") == field);
  CHECK(world.states().size() == 1);
}

TEST_CASE("client api: another client's owner phone is refused in a change too") {
  Directory world;
  world.put(acme, R"({"owner_phone":"+447700900123"})");
  world.put("/api/admin/clients/other", "{}");
  const auto answer = world.patch("/api/admin/clients/other", R"({"owner_phone":"+447700900123"})");
  CHECK(answer.status == 409);
  CHECK(text(answer, "code") == "OWNER_PHONE_TAKEN");
  CHECK(world.patch("/api/admin/clients/other", R"({"plan":"SOLO"})").status == 200);
}

TEST_CASE("client api: a 409 tells whether the owner's phone or the client's own number is another's") {
  Directory world;
  world.put(acme, R"({"owner_phone":"+447700900123"})");
  world.put("/api/admin/clients/other", "{}");
  world.owner.run("UPDATE provisioning.clients SET twilio_number = '+441632960000' WHERE id = 'acme'");
  // As when the number comes to the client by another way at the same moment.
  world.owner.run(
      "CREATE FUNCTION give() RETURNS trigger LANGUAGE plpgsql AS "
      "$$ BEGIN NEW.twilio_number := '+441632960000'; RETURN NEW; END $$;"
      "CREATE TRIGGER give BEFORE UPDATE ON provisioning.clients FOR EACH ROW WHEN (OLD.plan <> NEW.plan) "
      "EXECUTE FUNCTION give()");
  for (const auto& answer : {world.patch("/api/admin/clients/other", R"({"plan":"SOLO"})"),
                             world.put("/api/admin/clients/other", R"({"plan":"SOLO"})")}) {
    CHECK(answer.status == 409);
    CHECK(text(answer, "code") == "TWILIO_NUMBER_TAKEN");
    CHECK(text(answer, "field") == "twilio_number");
  }
  const auto phone = world.put("/api/admin/clients/other", R"({"owner_phone":"+447700900123"})");
  CHECK(phone.status == 409);
  CHECK(text(phone, "code") == "OWNER_PHONE_TAKEN");
  CHECK(text(phone, "field") == "owner_phone");
}

TEST_CASE("client api: time zones of every kind of name that IANA has, and no others") {
  Directory world;
  for (const char* zone : {"Europe/London", "America/Argentina/Buenos_Aires", "UTC", "Etc/GMT+5"}) {
    CAPTURE(zone);
    CHECK(world.put(acme, std::string(R"({"time_zone":")") + zone + "\"}").status / 100 == 2);
  }
  for (const char* zone : {"EST5EDT4", "posix/UTC", "europe/london", "+02:00", "Europe/London "}) {
    CAPTURE(zone);
    CHECK(world.put(acme, std::string(R"({"time_zone":")") + zone + "\"}").status == 400);
  }
}

TEST_CASE("client api: entitlement overrides with an end reach client.state.v1") {
  Directory world;
  CHECK(
      world
          .put(
              acme,
              R"({"plan":"SOLO","entitlements":[{"feature_key":"sms_reminders","expires_at":"2027-01-31T00:00:00Z"}]})")
          .status == 201);
  const auto state = world.states().back();
  REQUIRE(state.entitlements.size() == 1);
  CHECK(state.entitlements[0] == events::Entitlement{"sms_reminders", true, from_rfc3339("2027-01-31T00:00:00Z")});
}

TEST_CASE("client api: lists are pages, newest first, with recipients masked") {
  Directory world;
  for (int i = 0; i < 5; ++i) {
    world.clock.advance(1s);
    world.put(std::string(clients) + "/c" + std::to_string(i),
              R"({"plan":")" + std::string(i % 2 ? "PRO" : "SOLO") + R"(","owner_phone":"+44770090012)" +
                  std::to_string(i) + R"(","contacts":{"email":"ann@acme.example"}})");
  }
  std::vector<std::string> ids;
  std::string cursor;
  do {
    const auto page = world.get(std::string(clients) + "?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
    REQUIRE(page.status == 200);
    const auto document = json(page);
    for (const auto& item : document["items"].GetArray()) {
      ids.push_back(item["client_id"].GetString());
      CHECK(item["contacts"]["email"] == "a***@acme.example");
      CHECK(std::string(item["owner_phone"].GetString()).substr(0, 4) == "+44*");
    }
    cursor = document["next_cursor"].IsString() ? document["next_cursor"].GetString() : "";
  } while (!cursor.empty());
  CHECK(ids == std::vector<std::string>{"c4", "c3", "c2", "c1", "c0"});
  CHECK(json(world.get(std::string(clients) + "?plan=PRO"))["items"].Size() == 2);
  CHECK(json(world.get(std::string(clients) + "?email=ANN@acme.example"))["items"].Size() == 5);
  world.call(http::Method::DELETE_, std::string(clients) + "/c0");
  CHECK(json(world.get(clients))["items"].Size() == 4);
  CHECK(json(world.get(std::string(clients) + "?deleted=true"))["items"].Size() == 1);
  CHECK(world.get(std::string(clients) + "?colour=red").status == 400);
}

TEST_CASE("client api: every change and every look is audited, without personal data") {
  Directory world;
  world.put(acme, R"({"owner_phone":"+447700900123","contacts":{"email":"ann@acme.example"}})");
  world.patch(acme, R"({"plan":"PRO","contacts":{"phone":"+447700900456"}})");
  world.get(acme);
  world.call(http::Method::DELETE_, acme);
  std::vector<std::string> actions;
  for (const auto& audit : world.audits()) {
    actions.push_back(audit.action);
    CHECK(audit.actor == "api:operator");
    CHECK(audit.client_id == "acme");
    const std::string all = events::to_json(audit);
    for (const char* secret : {"447700900", "ann@"}) CHECK(all.find(secret) == std::string::npos);
  }
  CHECK(actions == std::vector<std::string>{"CLIENT_CREATED", "CLIENT_UPDATED", "CLIENT_VIEWED", "CLIENT_DELETED"});
  CHECK(world.audits()[1].details.at("fields") == "plan,contacts.phone");
}

TEST_CASE("client api: a Slack webhook is never shown") {
  Directory world;
  const auto made =
      world.put(acme, R"({"contacts":{"slack_webhook":"https://hooks.slack.com/services/T0/B0/secret"}})");
  CHECK(made.status == 201);
  CHECK(made.body.find("secret") == std::string::npos);
  CHECK(world.get(acme).body.find("secret") == std::string::npos);
  CHECK(world.states().back().contacts->slack_webhook == "https://hooks.slack.com/services/T0/B0/secret");
}

TEST_CASE("client api: only administrators") {
  Directory world;
  for (const auto& [key, status] : std::map<std::string, int>{{world.other_key, 403}, {"crl_x_y", 401}}) {
    CHECK(world.call(http::Method::GET, clients, {}, {{"Authorization", "Bearer " + key}}).status == status);
    CHECK(world.call(http::Method::PUT, acme, "{}", {{"Authorization", "Bearer " + key}}).status == status);
    CHECK(world.call(http::Method::POST, "/api/admin/client-state/republish", {}, {{"Authorization", "Bearer " + key}})
              .status == status);
  }
  CHECK(world.states().empty());
}

TEST_CASE("client api: a signed-in ADMIN may with the session's CSRF token, OWNER and STAFF may not") {
  Directory world;
  world.put(acme, "{}");
  const auto cookie = [&](const std::string& email, security::Role role, const std::string& client_id) {
    std::string token;
    world.change([&](auto& tx, auto&) {
      const auto made = security::make_account(tx, email, role, client_id, world.clock.now());
      REQUIRE(made);
      token = security::begin_session(tx, made->account.id, {}, world.clock.now());
    });
    return "__Host-carillon_session=" + token;
  };
  const auto call = [&](http::Method method, const std::string& with, const std::string& csrf) {
    // An empty Authorization header keeps the API key out.
    return world.call(method, acme, method == http::Method::GET ? "" : R"({"plan":"PRO"})",
                      {{"Authorization", "none"}, {"Cookie", with}, {"X-CSRF-Token", csrf}});
  };
  const std::string admin = cookie("admin@carillon.example", security::Role::ADMIN, "");
  const std::string session = world.text("SELECT session_id FROM identity.sessions");
  const std::string csrf = security::csrf_token(world.sealer(), session, world.clock.now());
  CHECK(call(http::Method::GET, admin, "").status == 200);
  CHECK(call(http::Method::PATCH, admin, "").status == 403);
  CHECK(call(http::Method::PATCH, admin, csrf).status == 200);
  CHECK(world.audits().back().actor.starts_with("account:"));
  CHECK(call(http::Method::GET, cookie("owner@acme.example", security::Role::OWNER, "acme"), csrf).status == 403);
  CHECK(call(http::Method::GET, cookie("staff@acme.example", security::Role::STAFF, "acme"), csrf).status == 403);
  CHECK(call(http::Method::GET, "__Host-carillon_session=x", csrf).status == 401);
}

TEST_CASE("client api: other media types are refused, merge patches are read") {
  Directory world;
  CHECK(world.put(acme, "plan=PRO", {{"Content-Type", "application/x-www-form-urlencoded"}}).status == 415);
  world.put(acme, "{}");
  CHECK(world.patch(acme, R"({"plan":"PRO"})", {{"Content-Type", "application/merge-patch+json"}}).status == 200);
}
