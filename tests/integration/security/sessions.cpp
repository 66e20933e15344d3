#include "security/sessions.hpp"

#include <catch2/catch.hpp>
#include <future>
#include <set>

#include "postgres/errors.hpp"
#include "postgres/testing/test_database.hpp"
#include "security/accounts.hpp"
#include "security/api_keys.hpp"
#include "security/digest.hpp"
#include "time/testing/manual_clock.hpp"

namespace carillon::security {
namespace {

using namespace std::chrono_literals;

pg::ConnectionSettings at(const std::string& url, const std::string& role = "") {
  pg::ConnectionSettings settings;
  settings.url = url;
  settings.role = role;
  return settings;
}

void prepare(pg::Connection& owner) {
  pg::migrate(owner, identity_schema());
  grant_identity_keeper(owner, "carillon_provisioning");
  pg::ensure_role(owner, "carillon_otp");
}

struct People {
  Account person(const std::string& email, Role role = Role::OWNER, const std::string& client = "client-1") {
    pg::Transaction tx(keeper);
    const Account account = make_account(tx, email, role, client, clock.now()).value().account;
    tx.commit();
    return account;
  }
  std::string log_in(const Account& account) {
    pg::Transaction tx(keeper);
    std::string token = begin_session(tx, account.id, limits, clock.now());
    tx.commit();
    return token;
  }
  std::string link(const Account& account, std::chrono::seconds lifetime = 1h) {
    pg::Transaction tx(keeper);
    std::string token = make_password_link(tx, account.id, LinkPurpose::SET_PASSWORD, lifetime, clock.now());
    tx.commit();
    return token;
  }
  void set(const Account& account, const std::string& hash) {
    pg::Transaction tx(keeper);
    set_password(tx, account.id, hash, clock.now());
    tx.commit();
  }
  LinkState state_of(const std::string& token) {
    pg::Transaction tx(keeper);
    return find_password_link(tx, token, clock.now()).state;
  }

  testing::TestDatabase database{"people", prepare};
  testing::ManualClock clock;
  const SessionLimits limits{30min, 12h};
  pg::Connection owner{at(database.url())};
  pg::Connection keeper{at(database.url(), "carillon_provisioning")};
  pg::Pool pool{at(database.url(), "carillon_otp"), 4};  // any other service
  Sessions sessions{pool, clock, limits};
};

TEST_CASE("sessions: every service finds out who is behind a cookie") {
  People p;
  const Account account = p.person("Ann@Example.com");
  const auto session = p.sessions.find(p.log_in(account));
  REQUIRE(session);
  CHECK(session->account_id == account.id);
  CHECK(session->email == "ann@example.com");
  CHECK(session->role == Role::OWNER);
  CHECK(session->client_id == "client-1");
  CHECK(session->expires_at == p.clock.now() + 12h);
}

TEST_CASE("sessions: an unknown, a cut and an empty token are nobody's") {
  People p;
  const std::string token = p.log_in(p.person("ann@example.com"));
  CHECK_FALSE(p.sessions.find(""));
  CHECK_FALSE(p.sessions.find(token.substr(1)));
  CHECK_FALSE(p.sessions.find(std::string(43, 'A')));
  CHECK_FALSE(p.sessions.find(std::string(100'000, 'A')));
}

TEST_CASE("sessions: the database holds no token") {
  People p;
  const std::string token = p.log_in(p.person("ann@example.com"));
  const auto rows = p.owner.run("SELECT sessions::text FROM identity.sessions");
  CHECK(std::string(rows[0][0].c_str()).find(token) == std::string::npos);
  CHECK(std::string(rows[0][0].c_str()).find(hex(sha256(token))) != std::string::npos);
}

TEST_CASE("sessions: every login begins a new one with a token of its own") {
  People p;
  const Account account = p.person("ann@example.com");
  const std::string first = p.log_in(account), second = p.log_in(account);
  CHECK(first != second);
  CHECK(p.sessions.find(first)->id != p.sessions.find(second)->id);
}

TEST_CASE("sessions: one ends at logout, at once, and no other with it") {
  People p;
  const Account account = p.person("ann@example.com");
  const std::string first = p.log_in(account), second = p.log_in(account);
  pg::Transaction tx(p.keeper);
  CHECK(end_session(tx, p.sessions.find(first)->id));
  tx.commit();
  CHECK_FALSE(p.sessions.find(first));
  CHECK(p.sessions.find(second));
}

TEST_CASE("sessions: one ends when nothing came for the idle time, and a request makes it last") {
  People p;
  const std::string token = p.log_in(p.person("ann@example.com"));
  p.clock.advance(29min);
  CHECK(p.sessions.find(token));
  p.clock.advance(29min);
  CHECK(p.sessions.find(token));
  p.clock.advance(30min);
  CHECK_FALSE(p.sessions.find(token));
}

TEST_CASE("sessions: one ends after its whole time however busy it was") {
  People p;
  const std::string token = p.log_in(p.person("ann@example.com"));
  for (int i = 0; i < 35; ++i) {
    p.clock.advance(20min);
    REQUIRE(p.sessions.find(token));
  }
  p.clock.advance(20min);
  CHECK_FALSE(p.sessions.find(token));
}

TEST_CASE("sessions: all of an account end when its password is set, and nobody else's") {
  People p;
  const Account ann = p.person("ann@example.com"), bob = p.person("bob@example.com", Role::STAFF);
  const std::string first = p.log_in(ann), second = p.log_in(ann), others = p.log_in(bob);
  p.set(ann, "hash");
  CHECK_FALSE(p.sessions.find(first));
  CHECK_FALSE(p.sessions.find(second));
  CHECK(p.sessions.find(others));
}

TEST_CASE("sessions: an account has twenty at most, and those idle for longest give way") {
  People p;
  const Account account = p.person("ann@example.com");
  std::vector<std::string> tokens;
  for (int i = 0; i < sessions_per_account_max + 2; ++i) {
    tokens.push_back(p.log_in(account));
    p.clock.advance(1s);
  }
  CHECK_FALSE(p.sessions.find(tokens[0]));
  CHECK_FALSE(p.sessions.find(tokens[1]));
  CHECK(p.sessions.find(tokens[2]));
  CHECK(p.sessions.find(tokens.back()));
}

TEST_CASE("sessions: a disabled account has none") {
  People p;
  const std::string token = p.log_in(p.person("ann@example.com"));
  p.owner.run("UPDATE identity.accounts SET disabled_at = now()");
  CHECK_FALSE(p.sessions.find(token));
}

TEST_CASE("sessions: those that are over are dropped, others stay") {
  People p;
  const Account account = p.person("ann@example.com");
  p.log_in(account);
  p.clock.advance(31min);
  const std::string token = p.log_in(account);
  CHECK(drop_old_sessions(p.keeper, p.limits, p.clock.now(), 100) == 1);
  CHECK(p.sessions.find(token));
}

TEST_CASE("identity: no other role reads a password's hash or a link, or writes anything") {
  People p;
  const Account account = p.person("ann@example.com");
  p.link(account);
  pg::Connection other(at(p.database.url(), "carillon_otp"));
  CHECK(other.run("SELECT account_id, email, role, client_id, created_at, disabled_at FROM identity.accounts").size() ==
        1);
  for (const char* statement : {"SELECT password_hash FROM identity.accounts", "SELECT * FROM identity.accounts",
                                "SELECT * FROM identity.password_links", "SELECT * FROM identity.login_attempts",
                                "UPDATE identity.accounts SET role = 'ADMIN'", "DELETE FROM identity.accounts",
                                "INSERT INTO identity.sessions SELECT gen_random_uuid(), '\\x00', account_id, now(), "
                                "now(), now() FROM identity.accounts",
                                "UPDATE identity.sessions SET expires_at = now()", "DELETE FROM identity.sessions",
                                "DELETE FROM identity.password_links", "UPDATE identity.api_keys SET owner = 'me'"}) {
    INFO(statement);
    CHECK_THROWS_AS(other.run(statement), pg::StatementError);
  }
}

TEST_CASE("identity: after a second migration every service still finds out who is behind a cookie") {
  People p;
  const std::string token = p.log_in(p.person("ann@example.com"));
  pg::migrate(p.owner, identity_schema());
  CHECK(p.sessions.find(token));
}

TEST_CASE("accounts: made again, the same one comes back") {
  People p;
  pg::Transaction tx(p.keeper);
  const auto first = make_account(tx, "ann@example.com", Role::OWNER, "client-1", p.clock.now()).value();
  const auto second = make_account(tx, "ANN@example.com", Role::OWNER, "client-1", p.clock.now()).value();
  CHECK(first.made);
  CHECK_FALSE(second.made);
  CHECK(first.account.id == second.account.id);
}

TEST_CASE("accounts: an address belongs to one client and one role") {
  People p;
  p.person("ann@example.com");
  pg::Transaction tx(p.keeper);
  const auto code = [&](const char* email, Role role, const char* client) {
    return make_account(tx, email, role, client, p.clock.now()).error().code;
  };
  CHECK(code("ann@example.com", Role::OWNER, "client-2") == "EMAIL_TAKEN");
  CHECK(code("ann@example.com", Role::STAFF, "client-1") == "EMAIL_TAKEN");
  CHECK(code("ann@example.com", Role::ADMIN, "") == "EMAIL_TAKEN");
  CHECK(code("bob@example.com", Role::ADMIN, "client-1") == "ROLE_NEEDS_CLIENT");
  CHECK(code("bob@example.com", Role::OWNER, "") == "ROLE_NEEDS_CLIENT");
  CHECK(code("no address", Role::ADMIN, "") == "INVALID_EMAIL_ADDRESS");
}

TEST_CASE("password links: a used one is over, and so are the account's others") {
  People p;
  const Account ann = p.person("ann@example.com"), bob = p.person("bob@example.com");
  const std::string first = p.link(ann), second = p.link(ann), others = p.link(bob);
  CHECK(p.state_of(first) == LinkState::VALID);
  p.set(ann, "hash");
  CHECK(p.state_of(first) == LinkState::USED);
  CHECK(p.state_of(second) == LinkState::USED);
  CHECK(p.state_of(others) == LinkState::VALID);
}

TEST_CASE("password links: one is over after its time") {
  People p;
  const std::string token = p.link(p.person("ann@example.com"));
  p.clock.advance(1h - 1us);
  CHECK(p.state_of(token) == LinkState::VALID);
  p.clock.advance(1us);
  CHECK(p.state_of(token) == LinkState::EXPIRED);
}

TEST_CASE("password links: the database holds no link") {
  People p;
  const std::string token = p.link(p.person("ann@example.com"));
  const auto rows = p.owner.run("SELECT password_links::text FROM identity.password_links");
  CHECK(std::string(rows[0][0].c_str()).find(token) == std::string::npos);
  CHECK(p.state_of("") == LinkState::UNKNOWN);
  CHECK(p.state_of(std::string(43, 'A')) == LinkState::UNKNOWN);
}

TEST_CASE("password links: of many who use one account's links at once exactly one does") {
  People p;
  const Account account = p.person("ann@example.com");
  const std::vector<std::string> links{p.link(account), p.link(account)};
  std::vector<std::future<int>> users;
  for (int i = 0; i < 12; ++i) {
    users.push_back(std::async(std::launch::async, [&, i] {
      pg::Connection connection(at(p.database.url(), "carillon_provisioning"));
      pg::Transaction tx(connection);
      const FoundLink link = lock_password_link(tx, links[static_cast<std::size_t>(i) % 2], p.clock.now());
      if (link.state != LinkState::VALID) return 0;
      set_password(tx, link.account.id, "hash " + std::to_string(i), p.clock.now());
      tx.commit();
      return 1;
    }));
  }
  int set = 0;
  for (auto& user : users) set += user.get();
  CHECK(set == 1);
}

}  // namespace
}  // namespace carillon::security
