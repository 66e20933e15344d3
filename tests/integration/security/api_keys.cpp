#include "security/api_keys.hpp"

#include <catch2/catch.hpp>
#include <stdexcept>
#include <thread>

#include "postgres/errors.hpp"
#include "postgres/testing/test_database.hpp"
#include "time/testing/manual_clock.hpp"

namespace carillon::security {
namespace {

using namespace std::chrono_literals;

pg::ConnectionSettings keys_at(const std::string& url) {
  pg::ConnectionSettings settings;
  settings.url = url;
  return settings;
}

struct Keys {
  Keys() { pg::migrate(owner, identity_schema()); }

  testing::TestDatabase database;
  testing::ManualClock clock;
  pg::Connection owner{keys_at(database.url())};
  pg::Pool pool{keys_at(database.url()), 2};
  ApiKeys keys{pool, clock};
};

std::string id_of(const std::string& key) {
  return key.substr(4, 16);
}

TEST_CASE("api keys: a new key is found with owner and scopes") {
  Keys k;
  const std::string text = create_api_key(k.owner, "shop", {"notifications:send", "notifications:read"}, k.clock.now());
  CHECK(text.substr(0, 4) == "crl_");
  CHECK_FALSE(k.keys.cached(text).has_value());
  const auto key = k.keys.check(text);
  REQUIRE(key);
  CHECK(key->id == id_of(text));
  CHECK(key->owner == "shop");
  CHECK(key->scopes == std::set<std::string>{"notifications:read", "notifications:send"});
  CHECK(key->may("notifications:send"));
  CHECK_FALSE(key->may("admin"));
  const auto cached = k.keys.cached(text);
  REQUIRE(cached);
  REQUIRE(cached->has_value());
  CHECK((*cached)->owner == "shop");
}

TEST_CASE("api keys: the database holds no secret") {
  Keys k;
  const std::string text = create_api_key(k.owner, "shop", {"admin"}, k.clock.now());
  const auto rows = k.owner.run("SELECT api_keys::text FROM identity.api_keys");
  REQUIRE(rows.size() == 1);
  CHECK(std::string(rows[0][0].c_str()).find(text.substr(21)) == std::string::npos);
}

TEST_CASE("api keys: a wrong secret, an unknown id and malformed text are no keys") {
  Keys k;
  const std::string text = create_api_key(k.owner, "shop", {"admin"}, k.clock.now());
  std::string wrong_secret = text, wrong_id = text;
  wrong_secret[30] = wrong_secret[30] == 'A' ? 'B' : 'A';
  wrong_id[5] = wrong_id[5] == '0' ? '1' : '0';
  CHECK_FALSE(k.keys.check(wrong_secret));
  CHECK_FALSE(k.keys.check(wrong_id));
  for (const std::string& bad :
       {std::string(), std::string("crl_"), text + "A", text.substr(1), std::string(64, 'x'), "CRL" + text.substr(3)}) {
    CHECK_FALSE(k.keys.check(bad));
    const auto cached = k.keys.cached(bad);  // known to be none without asking
    REQUIRE(cached);
    CHECK_FALSE(cached->has_value());
  }
}

TEST_CASE("api keys: a revoked key stops working within 30 s") {
  Keys k;
  const std::string text = create_api_key(k.owner, "shop", {"admin"}, k.clock.now());
  REQUIRE(k.keys.check(text));
  CHECK(revoke_api_key(k.owner, id_of(text), k.clock.now()));
  CHECK_FALSE(revoke_api_key(k.owner, id_of(text), k.clock.now()));
  CHECK_FALSE(revoke_api_key(k.owner, "unknown", k.clock.now()));
  k.clock.advance(29s);
  CHECK(k.keys.check(text));
  k.clock.advance(1s);
  CHECK_FALSE(k.keys.cached(text).has_value());
  CHECK_FALSE(k.keys.check(text));
}

TEST_CASE("api keys: an unknown key is asked for again after 5 s") {
  Keys k;
  const std::string text = create_api_key(k.owner, "shop", {"admin"}, k.clock.now());
  k.owner.run("UPDATE identity.api_keys SET revoked_at = now()");
  REQUIRE_FALSE(k.keys.check(text));
  k.owner.run("UPDATE identity.api_keys SET revoked_at = NULL");
  k.clock.advance(4s);
  CHECK_FALSE(k.keys.check(text));
  k.clock.advance(1s);
  CHECK(k.keys.check(text));
}

TEST_CASE("api keys: many guesses don't push a known key out of the cache") {
  Keys k;
  const std::string text = create_api_key(k.owner, "shop", {"admin"}, k.clock.now());
  REQUIRE(k.keys.check(text));
  const std::string digits = "0123456789abcdef";
  for (int i = 0; i < 2'500; ++i) {
    std::string guess = text;
    for (std::size_t keys_at = 4, rest = static_cast<std::size_t>(i); keys_at < 8; ++keys_at, rest /= 16)
      guess[keys_at] = digits[rest % 16];
    if (guess != text) CHECK_FALSE(k.keys.check(guess));
  }
  CHECK(k.keys.cached(text).has_value());
}

TEST_CASE("api keys: without the database a cached key works and another throws Unavailable") {
  testing::ManualClock clock;
  pg::ConnectionSettings nowhere = keys_at("postgresql://nobody@127.0.0.1:1/none");
  pg::Pool pool(nowhere, 1);
  ApiKeys keys(pool, clock);
  CHECK_THROWS_AS(keys.check("crl_0123456789abcdef_" + std::string(43, 'A')), pg::Unavailable);
  CHECK_FALSE(keys.check("malformed"));
}

TEST_CASE("api keys: every role may read them and only the owner write") {
  Keys k;
  create_api_key(k.owner, "shop", {"admin"}, k.clock.now());
  pg::Transaction tx(k.owner);
  const std::string role = "carillon_test_" + k.database.url().substr(k.database.url().rfind('/') + 1);
  tx.run("CREATE ROLE \"" + role + "\" NOLOGIN");  // rolled back with the transaction
  tx.run("SET LOCAL ROLE \"" + role + "\"");
  CHECK(tx.run("SELECT id FROM identity.api_keys").size() == 1);
  CHECK_THROWS_AS(
      tx.run(
          "INSERT INTO identity.api_keys SELECT 'x', owner, secret_sha256, scopes, created_at FROM identity.api_keys"),
      pg::StatementError);
}

TEST_CASE("api keys: bad owners and scopes are refused before anything is stored") {
  Keys k;
  for (const std::string& owner :
       {std::string(), std::string(101, 'a'), std::string("a b"), std::string("a\nb"), std::string("ü")}) {
    CHECK_THROWS_AS(create_api_key(k.owner, owner, {"admin"}, k.clock.now()), std::invalid_argument);
  }
  CHECK_THROWS_AS(create_api_key(k.owner, "shop", {}, k.clock.now()), std::invalid_argument);
  CHECK_THROWS_AS(create_api_key(k.owner, "shop", {"admin", "root"}, k.clock.now()), std::invalid_argument);
  CHECK(k.owner.run("SELECT 1 FROM identity.api_keys").empty());
}

TEST_CASE("api keys: threads may check at once") {
  Keys k;
  const std::string text = create_api_key(k.owner, "shop", {"admin"}, k.clock.now());
  std::atomic<int> found{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) found += k.keys.check(text).has_value();
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(found == 800);
}

}  // namespace
}  // namespace carillon::security
