#include <catch2/catch.hpp>
#include <future>

#include "integration/provisioning/browser.hpp"

namespace carillon::provisioning::testing {
namespace {

using security::Role;

constexpr const char* password = "seven lamps on a quay";
constexpr const char* path = "/api/admin/clients/client-1/accounts";
constexpr const char* body = R"({"email":"ann@example.com","role":"OWNER"})";

struct Clients : World {
  explicit Clients(bool provisioned = false) {
    change([&](pg::Transaction& tx, bus::Outbox& out) {
      Client one = some_client("client-1");
      if (provisioned) one.onboarding_status = testing_provisioned;
      insert_client(tx, out, one, clock.now());
    });
  }
  static constexpr std::string_view testing_provisioned = carillon::provisioning::provisioned;
  int post(const std::string& where, const std::string& what, http::Fields headers = {}) {
    return call(http::Method::POST, where, what, std::move(headers)).status;
  }
};

TEST_CASE("accounts api: an account is made once and comes back the same") {
  Clients world;
  const auto made = world.call(http::Method::POST, path, body);
  CHECK(made.status == 201);
  CHECK(made.body.find(R"("role":"OWNER","created":true,"invited":false)") != std::string::npos);
  const auto again = world.call(http::Method::POST, path, body);
  CHECK(again.status == 200);
  CHECK(again.body.substr(0, 50) == made.body.substr(0, 50));  // the same id
  CHECK(world.audited("ACCOUNT_CREATED") == 1);
  CHECK(world.published(bus::topics::send_requests).empty());
}

TEST_CASE("accounts api: while its client is removed nobody gets an account") {
  Clients world;
  std::future<int> status;
  {
    pg::Transaction tx(world.owner);
    tx.run("UPDATE provisioning.clients SET deleted = true");
    status = std::async(std::launch::async, [&] { return world.post(path, body); });
    CHECK(status.wait_for(std::chrono::milliseconds{300}) == std::future_status::timeout);
    tx.commit();
  }
  CHECK(status.get() == 404);
  CHECK(world.number("SELECT count(*) FROM identity.accounts") == 0);
}

TEST_CASE("accounts api: somebody of a provisioned client is invited, once") {
  Clients world(true);
  CHECK(world.call(http::Method::POST, path, body).body.find(R"("invited":true)") != std::string::npos);
  CHECK(world.call(http::Method::POST, path, body).body.find(R"("invited":false)") != std::string::npos);
  const auto requests = world.published(bus::topics::send_requests);
  REQUIRE(requests.size() == 1);
  const auto request = events::from_json<events::SendRequest>(requests.front().record.value).value();
  CHECK(request.template_key == "WELCOME_EMAIL");
  CHECK(request.min_client_version == 1);
  CHECK(request.recipient.empty());
  const auto plain = world.sealer().open(request.sealed, request.message_id).value();
  CHECK(plain.find("https://bell.example.com/set-password?t=") != std::string::npos);
}

TEST_CASE("accounts api: what can't be right is refused by name and changes nothing") {
  Clients world;
  const auto code = [&](const char* text, const char* where = path) {
    const auto answer = world.call(http::Method::POST, where, text);
    return std::to_string(answer.status) + answer.body.substr(answer.body.find("\"code\":"));
  };
  CHECK(code("{") == R"(400"code":"MALFORMED_JSON"})");
  CHECK(code(R"({"email":"ann@example.com","role":"ADMIN"})") == R"(422"code":"INVALID_FIELD"})");
  CHECK(code(R"({"email":"ann@example.com"})") == R"(422"code":"INVALID_FIELD"})");
  CHECK(code(R"({"email":"ann@example.com","role":"OWNER","more":"x"})") == R"(422"code":"INVALID_FIELD"})");
  CHECK(code(R"({"email":"ann","role":"OWNER"})") == R"(422"code":"INVALID_EMAIL_ADDRESS"})");
  CHECK(code(body, "/api/admin/clients/nobody/accounts") == R"(404"code":"CLIENT_NOT_FOUND"})");
  CHECK(world.number("SELECT count(*) FROM identity.accounts") == 0);
  CHECK(world.post(path, body) == 201);
  CHECK(code(R"({"email":"ann@example.com","role":"STAFF"})") == R"(409"code":"EMAIL_TAKEN"})");
  world.owner.run("UPDATE identity.accounts SET disabled_at = now()");
  CHECK(code(body) == R"(409"code":"ACCOUNT_CLOSED"})");
}

TEST_CASE("accounts api: an ADMIN may with their page's token, other roles and other keys may not") {
  Clients world;
  somebody(world, "root@example.com", Role::ADMIN, "", password);
  somebody(world, "owner@example.com", Role::OWNER, "client-1", password);
  const http::Fields other_key{{"Authorization", "Bearer " + world.other_key}};
  CHECK(world.post(path, body, {{"Authorization", "none"}}) == 401);
  CHECK(world.post(path, body, other_key) == 403);
  const auto as = [&](const char* email, bool with_token) {
    Browser browser(world);
    browser.log_in(email, password);
    http::Fields headers{{"Authorization", "none"}, {"Cookie", "a=b; __Host-carillon_session=" + browser.cookie()}};
    if (with_token) headers.emplace_back("X-CSRF-Token", browser.csrf_token("/admin/more"));
    return world.post(path, body, headers);
  };
  CHECK(as("owner@example.com", true) == 403);
  CHECK(as("root@example.com", false) == 403);
  CHECK(world.number("SELECT count(*) FROM identity.accounts") == 2);
  CHECK(as("root@example.com", true) == 201);
}

}  // namespace
}  // namespace carillon::provisioning::testing
