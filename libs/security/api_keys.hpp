// API keys in schema `identity`: "crl_<id>_<secret>", stored as SHA-256 of the secret (256 random bits need no slow
// hash).
#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "postgres/migrate.hpp"
#include "postgres/pool.hpp"
#include "time/clock.hpp"

namespace carillon::security {

// Scopes: "notifications:send", "notifications:read", "otp" (one-time codes), "onboarding" (owners'
// messages), "admin" (admin API, includes the others).
struct ApiKey {
  std::string id;
  std::string owner;  // the idempotency source of its requests: "api:<owner>"
  std::set<std::string> scopes;
  bool may(std::string_view scope) const { return scopes.count(std::string(scope)) || scopes.count("admin"); }
};

pg::Schema identity_schema();

// Makes a key; the text is shown once and never stored. Needs the owner role.
std::string create_api_key(pg::Connection& connection, const std::string& owner, const std::vector<std::string>& scopes,
                           UtcTime now);
bool revoke_api_key(pg::Connection& connection, const std::string& id, UtcTime now);

// Checks keys with a cache: known ones live 30 s, unknown ones 5 s, 10,000 entries at most. A revoked key stops
// working within 30 s. Thread-safe; blocks on the pool on a miss. Throws pg::Unavailable when it can't look.
class ApiKeys {
 public:
  ApiKeys(pg::Pool& pool, const Clock& clock);
  ~ApiKeys();
  std::optional<ApiKey> check(std::string_view key_text);
  // Only from the cache, never blocks: for I/O threads. nullopt = ask check() from a worker.
  std::optional<std::optional<ApiKey>> cached(std::string_view key_text);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace carillon::security
