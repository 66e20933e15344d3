// Counts of tries, by account and by network address. A try is counted before anything is compared, in a transaction of
// its own, so that of many at once no more get through than may; what turns out right is taken back.
//
// One transaction, one thread. Where a transaction touches both counts it takes the network address's first, so that no
// two wait for each other.
#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "postgres/connection.hpp"
#include "provisioning/core/login_limits.hpp"

namespace carillon::provisioning {

struct CountedTry {
  std::string kind;  // "login_account", "login_ip", "reset_account", "reset_ip"
  std::string key;   // a reference (HMAC) of the address of e-mail, or of the network address
  RateLimit limit;   // without one (count 0) nothing is counted
};

// Of what one network address tries with one account.
struct Tries {
  CountedTry of_ip, of_account;
};

// Counts one more of each, of the account only when the network address may go on: a flood makes no rows of addresses
// it invents. Nothing: go on; else how long to wait. Tries beyond the limit don't prolong it.
std::optional<std::chrono::seconds> count_tries(pg::Transaction& tx, const Tries& tries, UtcTime now);
// Takes one back.
void take_back(pg::Transaction& tx, const CountedTry& one);
// Begins anew: the password was right, or was set.
void forget_tries(pg::Transaction& tx, const std::string& kind, const std::string& key);
// Removes rows in which nothing counts any more; how many.
int drop_old_tries(pg::Connection& connection, UtcTime now, int rows_max);

}  // namespace carillon::provisioning
