// How often somebody may fail to log in: by account and network address, by account, by network address.
#include <catch2/catch.hpp>
#include <future>

#include "integration/provisioning/portal.hpp"
#include "service/testing/captured_log.hpp"

namespace carillon::provisioning::testing {
namespace {

using namespace std::chrono_literals;
using security::Role;

TEST_CASE("login: after ten failures an account's address waits, however right the password, and others don't") {
  Portal portal;
  somebody(portal, "bob@example.com", Role::STAFF, "client-1", password);
  for (int i = 0; i < 10; ++i) CHECK(Browser(portal).log_in(ann, "another password").status == 401);
  const auto limited = Browser(portal).log_in(ann, password);
  CHECK(limited.status == 429);
  CHECK_FALSE(http::field(limited.headers, "Retry-After").empty());
  CHECK(portal.audited("LOGIN_RATE_LIMITED") == 1);
  CHECK(Browser(portal).log_in("bob@example.com", password).status == 303);
  portal.clock.advance(30min);
  CHECK(Browser(portal).log_in(ann, password).status == 303);
}

// A portal behind a proxy it trusts, where visitors come from whatever address the test says.
struct ProxiedPortal : Portal {
  static ProvisioningSettings behind_proxy(ProvisioningSettings settings) {
    settings.accounts.trusted_proxies = {*parse_network("127.0.0.1")};
    return settings;
  }
  explicit ProxiedPortal(ProvisioningSettings settings = {}) : Portal(behind_proxy(std::move(settings))) {}
  int log_in_from(const std::string& address, const char* email, const char* entered) {
    return Browser(*this)
        .post("/login", {{"email", email}, {"password", entered}}, {{"X-Forwarded-For", address}})
        .status;
  }
};

TEST_CASE("login: whoever fails at an account from one address keeps nobody out from another") {
  ProxiedPortal portal;
  for (int i = 0; i < 10; ++i) CHECK(portal.log_in_from("198.51.100.1", ann, "another password") == 401);
  CHECK(portal.log_in_from("198.51.100.1", ann, password) == 429);
  CHECK(portal.log_in_from("203.0.113.7", ann, password) == 303);
  CHECK(portal.log_in_from("198.51.100.1", ann, password) == 429);  // that login forgave this address nothing
}

TEST_CASE("login: an account has a limit over all addresses too, known or not, which a login does not reset") {
  ProvisioningSettings settings;
  settings.accounts.limits.logins_per_account_total = {5, 15min};
  ProxiedPortal portal(settings);
  for (const char* email : {ann, "unknown@example.com"}) {
    for (int i = 0; i < 4; ++i) CHECK(portal.log_in_from("198.51.100." + std::to_string(i), email, "another") == 401);
    if (email == ann) CHECK(portal.log_in_from("203.0.113.7", ann, password) == 303);
    CHECK(portal.log_in_from("198.51.100.5", email, "another") == 401);
    CHECK(portal.log_in_from("203.0.113.7", email, password) == 429);
  }
  CHECK(portal.audited("LOGIN_RATE_LIMITED") == 2);
  SECTION("setting the password lets its account in again") {
    const auto link = some_link(portal, ann, security::LinkPurpose::RESET_PASSWORD);
    const std::string token = link.substr(link.find('=') + 1);
    CHECK(Browser(portal)
              .post("/set-password", {{"t", token}, {"password", password}, {"repeated", password}},
                    {{"X-Forwarded-For", "203.0.113.7"}})
              .status == 303);
    CHECK(portal.log_in_from("203.0.113.7", ann, password) == 303);
  }
}

TEST_CASE("login: a try that one limit refuses counts for none of them") {
  ProvisioningSettings settings;
  settings.accounts.limits.logins_per_account = {1, 15min};
  settings.accounts.limits.logins_per_account_total = {3, 15min};
  settings.accounts.limits.logins_per_ip = {3, 15min};
  ProxiedPortal portal(settings);
  CHECK(portal.log_in_from("198.51.100.1", ann, "another") == 401);
  for (int i = 0; i < 10; ++i) CHECK(portal.log_in_from("198.51.100.1", ann, "another") == 429);
  CHECK(portal.log_in_from("198.51.100.1", "bob@example.com", "another") == 401);
  CHECK(portal.log_in_from("198.51.100.2", ann, "another") == 401);
  CHECK(portal.log_in_from("198.51.100.3", ann, password) == 303);
}

TEST_CASE("login: a proxy that nobody has named is told of in the log once") {
  Portal portal;
  carillon::testing::CapturedLog log;
  for (const char* from : {"198.51.100.1", "198.51.100.2"})
    Browser(portal).post("/login", {{"email", ann}, {"password", "another"}}, {{"X-Forwarded-For", from}});
  CHECK(log.lines_of("PROXY_NOT_TRUSTED") == 1);
}

TEST_CASE("login: who goes on trying waits no longer than Retry-After has said") {
  ProvisioningSettings settings;
  settings.accounts.limits.logins_per_account = {2, 15min};
  Portal portal(settings);
  for (int i = 0; i < 2; ++i) CHECK(Browser(portal).log_in(ann, "another password").status == 401);
  const auto limited = Browser(portal).log_in(ann, password);
  REQUIRE(limited.status == 429);
  const std::chrono::seconds wait{std::stoi(std::string(http::field(limited.headers, "Retry-After")))};
  for (int i = 0; i < 3; ++i) {
    portal.clock.advance(wait / 4);
    CHECK(Browser(portal).log_in(ann, password).status == 429);
  }
  portal.clock.advance(wait - 3 * (wait / 4));
  CHECK(Browser(portal).log_in(ann, password).status == 303);
}

TEST_CASE("login: an unknown address is limited like a known one") {
  Portal portal;
  for (int i = 0; i < 10; ++i) CHECK(Browser(portal).log_in("bob@example.com", password).status == 401);
  CHECK(Browser(portal).log_in("bob@example.com", password).status == 429);
}

TEST_CASE("login: the right password begins the count anew") {
  Portal portal;
  for (int i = 0; i < 9; ++i) Browser(portal).log_in(ann, "another password");
  CHECK(Browser(portal).log_in(ann, password).status == 303);
  for (int i = 0; i < 9; ++i) CHECK(Browser(portal).log_in(ann, "another password").status == 401);
}

TEST_CASE("login: one address has a limit over all accounts, which logins that succeed don't use up") {
  ProvisioningSettings settings;
  settings.accounts.limits.logins_per_ip = {3, 15min};
  Portal portal(settings);
  for (int i = 0; i < 5; ++i) CHECK(Browser(portal).log_in(ann, password).status == 303);
  for (const char* email : {"b@example.com", "c@example.com", "d@example.com"})
    CHECK(Browser(portal).log_in(email, password).status == 401);
  CHECK(Browser(portal).log_in("e@example.com", password).status == 429);
  CHECK(Browser(portal).log_in(ann, password).status == 429);
}

TEST_CASE("login: X-Forwarded-For counts when a trusted proxy sends it, and not otherwise") {
  ProvisioningSettings settings;
  settings.accounts.limits.logins_per_ip = {1, 15min};
  const auto tries = [](Portal& portal, const char* from) {
    return Browser(portal)
        .post("/login", {{"email", "x@example.com"}, {"password", "y"}}, {{"X-Forwarded-For", from}})
        .status;
  };
  {
    Portal portal(settings);
    CHECK(tries(portal, "198.51.100.1") == 401);
    CHECK(tries(portal, "198.51.100.2") == 429);
  }
  settings.accounts.trusted_proxies = {*parse_network("127.0.0.1")};
  Portal portal(settings);
  CHECK(tries(portal, "198.51.100.1") == 401);
  CHECK(tries(portal, "198.51.100.2") == 401);
  CHECK(tries(portal, "198.51.100.2") == 429);
}

TEST_CASE("login: of sixty wrong passwords at once no more than ten are compared") {
  Portal portal({}, 2);
  std::vector<std::future<int>> answers;
  for (int i = 0; i < 60; ++i)
    answers.push_back(std::async(std::launch::async, [&] { return Browser(portal).log_in(ann, "another").status; }));
  std::map<int, int> statuses;
  for (auto& answer : answers) ++statuses[answer.get()];
  CHECK(statuses[401] <= 10);
  CHECK(statuses[401] + statuses[429] + statuses[503] == 60);  // 503: too many hash at once; their try is given back
  CHECK(portal.audited("LOGIN_FAILED") == static_cast<std::size_t>(statuses[401]));
}

}  // namespace
}  // namespace carillon::provisioning::testing
