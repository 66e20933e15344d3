// Accounts and the links that set their passwords, in schema `identity`. Passwords are kept as Argon2id hashes, links
// as SHA-256 of 256 random bits; neither column can be read by a service's role but the keeper's.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "postgres/connection.hpp"
#include "security/sessions.hpp"
#include "time/utc_time.hpp"
#include "values/result.hpp"

namespace carillon::security {

// Lets a role keep accounts, sessions, links and counts of tries; and whatever else every role may. Needs the owner.
void grant_identity_keeper(pg::Connection& owner, const std::string& role);

struct Account {
  std::string id;
  std::string email;  // lower case: no mailbox in use tells its letters' case apart
  Role role = Role::STAFF;
  std::string client_id;  // "" for ADMIN
  bool is_disabled = false;
  std::string password_hash = {};  // "": none was set yet
};

// All need the keeper's role or the owner's.
std::optional<Account> find_account(pg::Transaction& tx, std::string_view email);
std::optional<Account> find_account_by_id(pg::Transaction& tx, const std::string& account_id);

// The account of that address, made when there is none: called again it gives the same one. Failures:
// INVALID_EMAIL_ADDRESS, ROLE_NEEDS_CLIENT (OWNER and STAFF have one, ADMIN has none), EMAIL_TAKEN when the address has
// an account of another role or client. `made` tells whether it is new.
struct MadeAccount {
  Account account;
  bool made = false;
};
Result<MadeAccount> make_account(pg::Transaction& tx, std::string_view email, Role role, std::string_view client_id,
                                 UtcTime now);

enum class LinkPurpose { SET_PASSWORD, RESET_PASSWORD };  // of a new account; asked for by who forgot it
std::string_view name_of(LinkPurpose purpose);

// The secret token of a new link. Earlier links of the account stay valid until one of them is used.
std::string make_password_link(pg::Transaction& tx, const std::string& account_id, LinkPurpose purpose,
                               std::chrono::seconds lifetime, UtcTime now);

enum class LinkState { VALID, UNKNOWN, USED, EXPIRED };
struct FoundLink {
  LinkState state = LinkState::UNKNOWN;
  LinkPurpose purpose = LinkPurpose::SET_PASSWORD;
  Account account = {};  // when the link is not UNKNOWN
};
// Locks the link's account until the transaction ends, so that of two who use its links at once one finds it USED.
FoundLink lock_password_link(pg::Transaction& tx, std::string_view token, UtcTime now);
FoundLink find_password_link(pg::Transaction& tx, std::string_view token, UtcTime now);  // without a lock

// Sets the password, marks every link of the account as used and ends its sessions.
void set_password(pg::Transaction& tx, const std::string& account_id, const std::string& password_hash, UtcTime now);
// The same password hashed at another cost: nothing else changes. False when it was changed meanwhile.
bool replace_password_hash(pg::Transaction& tx, const Account& account, const std::string& password_hash);

// Removes links that were over before `before`; how many.
int drop_old_password_links(pg::Connection& connection, UtcTime before, int rows_max);

}  // namespace carillon::security
