// Sessions of people, in schema `identity`: the cookie holds 256 random bits, the database their SHA-256 and nothing
// that opens a session. A login begins a new session with a new token (no fixation); a session ends at logout, when its
// account's password changes or the account is disabled, after `idle` without a request, and `absolute` after its login
// whatever happens.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "postgres/pool.hpp"
#include "time/clock.hpp"

namespace carillon::security {

enum class Role { OWNER, STAFF, ADMIN };  // ADMIN operates Carillon and belongs to no client

std::string_view name_of(Role role);  // "OWNER" ...
std::optional<Role> find_role(std::string_view name);

struct Session {
  std::string id;  // not secret; the secret token is in the cookie only
  std::string account_id;
  std::string email;
  Role role = Role::STAFF;
  std::string client_id;  // "" for ADMIN
  UtcTime expires_at{};   // `absolute` after the login
};

struct SessionLimits {
  std::chrono::seconds idle = std::chrono::minutes{30};
  std::chrono::seconds absolute = std::chrono::hours{12};
};

// For every service: who is behind a cookie. Nothing is cached, so a session that was ended is gone at once. Needs
// nothing but what every role may do (the time of the last request goes through identity.touch_session). Thread-safe;
// blocks on the pool; throws pg::Unavailable when it can't look.
class Sessions {
 public:
  Sessions(pg::Pool& pool, const Clock& clock, SessionLimits limits);
  // nullopt: unknown, ended or expired. A request makes it last for another `idle`.
  std::optional<Session> find(std::string_view token);
  const SessionLimits& limits() const { return limits_; }

 private:
  pg::Pool& pool_;
  const Clock& clock_;
  const SessionLimits limits_;
};

// What follows needs a role that was granted with grant_identity_keeper, or the owner's.

// What a cookie gets: the token, which is nowhere else. The account has to exist and be enabled.
std::string begin_session(pg::Transaction& tx, const std::string& account_id, const SessionLimits& limits, UtcTime now);
bool end_session(pg::Transaction& tx, const std::string& session_id);     // false: it was over already
int end_sessions_of(pg::Transaction& tx, const std::string& account_id);  // how many there were
// Removes sessions that are over; how many.
int drop_old_sessions(pg::Connection& connection, const SessionLimits& limits, UtcTime now, int rows_max);

}  // namespace carillon::security
