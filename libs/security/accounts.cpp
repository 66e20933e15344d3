#include "security/accounts.hpp"

#include <fmt/format.h>

#include "identity_sql.hpp"
#include "postgres/migrate.hpp"
#include "security/digest.hpp"
#include "values/lower_case.hpp"
#include "values/message_id.hpp"
#include "values/recipient.hpp"

namespace carillon::security {
namespace {

constexpr std::size_t link_bytes = 32;
constexpr std::size_t link_chars = 43;  // base64url of 32 bytes
constexpr std::size_t client_id_chars_max = 100;

Account account_of(const pqxx::row& row) {
  Account account;
  account.id = row["account_id"].c_str();
  account.email = row["email"].c_str();
  account.role = find_role(row["role"].c_str()).value();
  account.client_id = row["client_id"].c_str();
  account.is_disabled = row["is_disabled"].as<bool>();
  account.password_hash = row["password_hash"].c_str();
  return account;
}

std::optional<Account> first(const pqxx::result& rows) {
  return rows.empty() ? std::nullopt : std::optional(account_of(rows[0]));
}

}  // namespace

void grant_identity_keeper(pg::Connection& owner, const std::string& role) {
  pg::ensure_role(owner, role);
  const pg::MigrationLock lock(owner);
  owner.run(
      fmt::format("GRANT USAGE ON SCHEMA identity TO PUBLIC;"
                  "GRANT SELECT, INSERT, UPDATE, DELETE ON identity.accounts, identity.sessions, "
                  "identity.password_links, identity.login_attempts TO {0}",
                  role));
}

std::optional<Account> find_account(pg::Transaction& tx, std::string_view email) {
  return first(tx.run(identity_sql::find_account, pg::Params().add(lower_case(email))));
}

std::optional<Account> find_account_by_id(pg::Transaction& tx, const std::string& account_id) {
  return first(tx.run(identity_sql::find_account_by_id, pg::Params().add(account_id)));
}

std::optional<Account> lock_account(pg::Transaction& tx, const std::string& account_id) {
  return first(tx.run(identity_sql::lock_account, pg::Params().add(account_id)));
}

Result<MadeAccount> make_account(pg::Transaction& tx, std::string_view email, Role role, std::string_view client_id,
                                 UtcTime now) {
  const auto address = parse_email(lower_case(email));
  if (!address) return address.error();
  if ((role == Role::ADMIN) != client_id.empty() || client_id.size() > client_id_chars_max)
    return Failure{"ROLE_NEEDS_CLIENT", "role: OWNER and STAFF belong to a client, ADMIN to none"};
  pg::Params params;
  params.add(new_uuid(now)).add(*address).add(name_of(role));
  client_id.empty() ? params.add_null() : params.add(client_id);
  params.add(now);
  const bool made = tx.run(identity_sql::insert_account, params).affected_rows() > 0;
  const std::optional<Account> account = find_account(tx, *address);
  if (!account || account->role != role || account->client_id != client_id)
    return Failure{"EMAIL_TAKEN", "email: this address has an account with another role or client"};
  return MadeAccount{*account, made};
}

std::string_view name_of(LinkPurpose purpose) {
  return purpose == LinkPurpose::RESET_PASSWORD ? "RESET_PASSWORD" : "SET_PASSWORD";
}

std::string make_password_link(pg::Transaction& tx, const std::string& account_id, LinkPurpose purpose,
                               std::chrono::seconds lifetime, UtcTime now) {
  std::string token = base64_url(random_bytes(link_bytes));
  tx.run(identity_sql::insert_password_link,
         pg::Params().add_bytes(sha256(token)).add(account_id).add(name_of(purpose)).add(now).add(now + lifetime));
  return token;
}

// The account is what is locked: two links of one account, used at once, would else wait for each other.
FoundLink lock_password_link(pg::Transaction& tx, std::string_view token, UtcTime now) {
  tx.run(identity_sql::lock_account_of_link, pg::Params().add_bytes(sha256(token)));
  return find_password_link(tx, token, now);
}

FoundLink find_password_link(pg::Transaction& tx, std::string_view token, UtcTime now) {
  if (token.size() != link_chars) return {};
  const pqxx::result rows = tx.run(identity_sql::find_password_link, pg::Params().add_bytes(sha256(token)));
  if (rows.empty()) return {};
  const bool is_used = !rows[0]["used_at"].is_null();
  const bool is_over = pg::to_utc(rows[0]["expires_at"].c_str()) <= now;
  const bool is_reset = rows[0]["purpose"].c_str() == name_of(LinkPurpose::RESET_PASSWORD);
  FoundLink found;
  found.state = is_used ? LinkState::USED : is_over ? LinkState::EXPIRED : LinkState::VALID;
  found.purpose = is_reset ? LinkPurpose::RESET_PASSWORD : LinkPurpose::SET_PASSWORD;
  found.account = account_of(rows[0]);
  return found;
}

void set_password(pg::Transaction& tx, const std::string& account_id, const std::string& password_hash, UtcTime now) {
  tx.run(identity_sql::set_password, pg::Params().add(account_id).add(password_hash).add(now));
  tx.run(identity_sql::use_password_links, pg::Params().add(account_id).add(now));
  end_sessions_of(tx, account_id);
}

bool replace_password_hash(pg::Transaction& tx, const Account& account, const std::string& password_hash) {
  return tx.run(identity_sql::replace_password_hash,
                pg::Params().add(account.id).add(account.password_hash).add(password_hash))
             .affected_rows() > 0;
}

int drop_old_password_links(pg::Connection& connection, UtcTime before, int rows_max) {
  return static_cast<int>(
      connection.run(identity_sql::drop_old_password_links, pg::Params().add(before).add(rows_max)).affected_rows());
}

}  // namespace carillon::security
