// Counts of tries: by network address, by account and network address, by account. A try is counted before anything is
// compared, in a transaction of its own, so that of many at once no more get through than may; what turns out right is
// taken back.
//
// One transaction, one thread. Where a transaction touches several counts it takes them in the order of Tries' members,
// so that no two wait for each other.
#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "postgres/connection.hpp"
#include "provisioning/core/login_limits.hpp"
#include "security/seal.hpp"

namespace carillon::provisioning {

struct CountedTry {
  std::string kind;  // "login_ip", "login_account_ip", "login_account", "reset_ip", "reset_account"
  std::string key;   // a reference (HMAC) of the address of e-mail, of the network address, or of both
  RateLimit limit;   // without one (count 0) nothing is counted
};

// Of what one network address tries with one account.
struct Tries {
  CountedTry of_ip;
  CountedTry of_account_from_ip;  // without a limit for resets
  CountedTry of_account;          // from anywhere
};

// Of a login; `email` as it was entered.
Tries login_tries(const std::string& email, const std::string& client_address, const security::Sealer& sealer,
                  const LoginLimits& limits);
// Counts one more of each, of the account only when the network address may go on: a flood makes no rows of addresses
// it invents. Nothing: go on; else how long to wait. A try that one of them refuses counts for none.
std::optional<std::chrono::seconds> count_tries(pg::Transaction& tx, const Tries& tries, UtcTime now);
// Takes one back.
void take_back(pg::Transaction& tx, const CountedTry& one);
// Begins anew: the password was right, or was set.
void forget_tries(pg::Transaction& tx, const CountedTry& one);
// Removes rows in which nothing counts any more; how many.
int drop_old_tries(pg::Connection& connection, UtcTime now, int rows_max);

}  // namespace carillon::provisioning
