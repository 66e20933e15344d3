#include "security/sessions.hpp"

#include <array>

#include "identity_sql.hpp"
#include "security/digest.hpp"
#include "values/message_id.hpp"

namespace carillon::security {
namespace {

constexpr std::size_t token_bytes = 32;
constexpr std::size_t token_chars = 43;           // base64url of 32 bytes
constexpr std::chrono::seconds seen_spacing{60};  // one write a minute and session is enough for `idle`

constexpr std::array<std::pair<Role, std::string_view>, 3> roles{
    {{Role::OWNER, "OWNER"}, {Role::STAFF, "STAFF"}, {Role::ADMIN, "ADMIN"}}};

}  // namespace

std::string_view name_of(Role role) {
  return roles[static_cast<std::size_t>(role)].second;
}

std::optional<Role> find_role(std::string_view name) {
  for (const auto& [role, known] : roles) {
    if (known == name) return role;
  }
  return std::nullopt;
}

Sessions::Sessions(pg::Pool& pool, const Clock& clock, SessionLimits limits)
    : pool_(pool), clock_(clock), limits_(limits) {}

std::optional<Session> Sessions::find(std::string_view token) {
  if (token.size() != token_chars) return std::nullopt;
  const UtcTime now = clock_.now();
  pg::Pool::Lease connection = pool_.take();
  const pqxx::result rows = connection->run(identity_sql::find_session,
                                            pg::Params().add_bytes(sha256(token)).add(now).add(now - limits_.idle));
  if (rows.empty()) return std::nullopt;
  const auto& row = rows[0];
  const std::optional<Role> role = find_role(row["role"].c_str());
  if (!role) return std::nullopt;  // of a later version: nothing that this one could allow
  Session session{row["session_id"].c_str(), row["account_id"].c_str(),
                  row["email"].c_str(),      *role,
                  row["client_id"].c_str(),  pg::to_utc(row["expires_at"].c_str())};
  if (pg::to_utc(row["last_seen_at"].c_str()) + seen_spacing <= now)
    connection->run(identity_sql::touch_session, pg::Params().add(session.id).add(now));
  return session;
}

std::string begin_session(pg::Transaction& tx, const std::string& account_id, const SessionLimits& limits,
                          UtcTime now) {
  std::string token = base64_url(random_bytes(token_bytes));
  tx.run(identity_sql::insert_session,
         pg::Params().add(new_uuid(now)).add_bytes(sha256(token)).add(account_id).add(now).add(now + limits.absolute));
  return token;
}

bool end_session(pg::Transaction& tx, const std::string& session_id) {
  return tx.run(identity_sql::delete_session, pg::Params().add(session_id)).affected_rows() > 0;
}

int end_sessions_of(pg::Transaction& tx, const std::string& account_id) {
  return static_cast<int>(
      tx.run(identity_sql::delete_sessions_of_account, pg::Params().add(account_id)).affected_rows());
}

int drop_old_sessions(pg::Connection& connection, const SessionLimits& limits, UtcTime now, int rows_max) {
  return static_cast<int>(
      connection.run(identity_sql::drop_old_sessions, pg::Params().add(now).add(now - limits.idle).add(rows_max))
          .affected_rows());
}

}  // namespace carillon::security
