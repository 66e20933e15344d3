#include "security/api_keys.hpp"

#include <algorithm>
#include <array>
#include <list>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <unordered_map>

#include "identity_sql.hpp"
#include "security/digest.hpp"

namespace carillon::security {
namespace {

constexpr std::string_view prefix = "crl_";
constexpr std::size_t id_bytes = 8;
constexpr std::size_t id_chars = 2 * id_bytes;
constexpr std::size_t secret_bytes = 32;
constexpr std::size_t secret_chars = 43;  // base64url of 32 bytes
constexpr std::size_t owner_chars_max = 100;
constexpr std::array<std::string_view, 7> scopes_known{
    "notifications:send", "notifications:read", "metrics:write", "otp", "onboarding", "preferences", "admin"};

constexpr std::size_t known_entries_max = 8'000;
constexpr std::size_t unknown_entries_max = 2'000;  // apart, so that guesses don't push good keys out
constexpr std::chrono::seconds known_lifetime{30};
constexpr std::chrono::seconds unknown_lifetime{5};

struct KeyParts {
  std::string_view id, secret;
};

std::optional<KeyParts> split(std::string_view text) {
  if (text.size() != prefix.size() + id_chars + 1 + secret_chars || text.substr(0, prefix.size()) != prefix ||
      text[prefix.size() + id_chars] != '_') {
    return std::nullopt;
  }
  const KeyParts parts{text.substr(prefix.size(), id_chars), text.substr(prefix.size() + id_chars + 1)};
  const bool id_is_hex = parts.id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  bool is_base64 = false;
  from_base64(parts.secret, is_base64);
  return id_is_hex && is_base64 ? std::optional(parts) : std::nullopt;
}

void check_owner_and_scopes(const std::string& owner, const std::vector<std::string>& scopes) {
  const bool owner_ok =
      !owner.empty() && owner.size() <= owner_chars_max && std::all_of(owner.begin(), owner.end(), [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
               c == '-';
      });
  if (!owner_ok) throw std::invalid_argument("owner of an API key: 1 to 100 letters, digits, '.', '_' or '-'");
  if (scopes.empty()) throw std::invalid_argument("an API key needs at least one scope");
  for (const std::string& scope : scopes) {
    if (std::find(scopes_known.begin(), scopes_known.end(), scope) == scopes_known.end()) {
      throw std::invalid_argument(
          "unknown scope '" + scope +
          "'; known: notifications:send, notifications:read, metrics:write, otp, onboarding, preferences, admin");
    }
  }
}

// Answers by the hash of the key's text, oldest dropped first when full. Not thread-safe.
class Answers {
 public:
  explicit Answers(std::size_t entries_max) : entries_max_(entries_max) {}

  const std::optional<ApiKey>* find(const std::string& hash, SteadyTime now) const {
    const auto found = entries_.find(hash);
    return found != entries_.end() && now < found->second.until ? &found->second.key : nullptr;
  }

  void put(const std::string& hash, std::optional<ApiKey> key, SteadyTime until) {
    erase(hash);
    if (entries_.size() >= entries_max_) {
      entries_.erase(order_.front());
      order_.pop_front();
    }
    order_.push_back(hash);
    entries_.emplace(hash, Entry{std::move(key), until, std::prev(order_.end())});
  }

  void erase(const std::string& hash) {
    const auto found = entries_.find(hash);
    if (found == entries_.end()) return;
    order_.erase(found->second.place);
    entries_.erase(found);
  }

 private:
  struct Entry {
    std::optional<ApiKey> key;
    SteadyTime until;
    std::list<std::string>::iterator place;
  };
  std::size_t entries_max_;
  std::unordered_map<std::string, Entry> entries_;
  std::list<std::string> order_;
};

}  // namespace

pg::Schema identity_schema() {
  return {"identity", "", identity_sql::migrations};
}

std::string create_api_key(pg::Connection& connection, const std::string& owner, const std::vector<std::string>& scopes,
                           UtcTime now) {
  check_owner_and_scopes(owner, scopes);
  const std::string id = hex(random_bytes(id_bytes));
  const std::string secret = base64_url(random_bytes(secret_bytes));
  pg::Array scope_array;
  for (const std::string& scope : scopes) scope_array.add(scope);
  pg::Params params;
  params.add(id).add(owner).add_bytes(sha256(secret)).add(std::move(scope_array)).add(now);
  connection.run(identity_sql::api_key_insert, params);
  return std::string(prefix) + id + "_" + secret;
}

bool revoke_api_key(pg::Connection& connection, const std::string& id, UtcTime now) {
  pg::Params params;
  params.add(id).add(now);
  return !connection.run(identity_sql::api_key_revoke, params).empty();
}

struct ApiKeys::State {
  State(pg::Pool& pool_, const Clock& clock_) : pool(pool_), clock(clock_) {}

  std::optional<std::optional<ApiKey>> remembered(const std::string& hash) {
    const SteadyTime now = clock.steady();
    const std::lock_guard lock(mutex);
    if (const auto* key = known.find(hash, now)) return *key;
    if (const auto* key = unknown.find(hash, now)) return *key;
    return std::nullopt;
  }

  std::optional<ApiKey> look_up(const KeyParts& parts) {
    pg::Params params;
    params.add(parts.id);
    pg::Pool::Lease connection = pool.take();
    const pqxx::result rows = connection->run(identity_sql::api_key_find, params);
    if (rows.empty()) return std::nullopt;
    if (!equal_constant_time(pg::from_bytea(rows[0]["secret_sha256"].c_str()), sha256(parts.secret)))
      return std::nullopt;
    ApiKey key{std::string(parts.id), rows[0]["owner"].c_str(), {}};
    std::istringstream scopes(rows[0]["scopes"].c_str());
    for (std::string scope; scopes >> scope;) key.scopes.insert(scope);
    return key;
  }

  pg::Pool& pool;
  const Clock& clock;
  std::mutex mutex;  // guards what follows
  Answers known{known_entries_max};
  Answers unknown{unknown_entries_max};
};

ApiKeys::ApiKeys(pg::Pool& pool, const Clock& clock) : state_(std::make_unique<State>(pool, clock)) {}
ApiKeys::~ApiKeys() = default;

std::optional<ApiKey> ApiKeys::check(std::string_view key_text) {
  const std::optional<KeyParts> parts = split(key_text);
  if (!parts) return std::nullopt;
  const std::string hash = sha256(key_text);  // the clear text is not kept
  if (auto answer = state_->remembered(hash)) return *answer;
  const SteadyTime asked = state_->clock.steady();  // before the look-up: a revocation during it counts from here
  std::optional<ApiKey> key = state_->look_up(*parts);
  const std::lock_guard lock(state_->mutex);
  if (key) {
    state_->unknown.erase(hash);
    state_->known.put(hash, key, asked + known_lifetime);
  } else {
    state_->known.erase(hash);
    state_->unknown.put(hash, std::nullopt, asked + unknown_lifetime);
  }
  return key;
}

std::optional<std::optional<ApiKey>> ApiKeys::cached(std::string_view key_text) {
  if (!split(key_text)) return std::optional<ApiKey>{};
  return state_->remembered(sha256(key_text));
}

}  // namespace carillon::security
