// dispatcher.pending and dispatcher.instances in SQL. Every function is one statement over a whole batch on the
// caller's transaction; throws the pg:: errors. A row refers to its dispatch record, and the functions that claim read
// the records of their rows back; a row that is held or waits for its
// next round has its own copy.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "bus/bus.hpp"
#include "postgres/connection.hpp"
#include "provider-dispatcher/app/claim.hpp"
#include "provider-dispatcher/core/claim_walk.hpp"
#include "provider-dispatcher/core/next_step.hpp"

namespace carillon::dispatcher::pending_store {

enum class State { WAITING = 0, CLAIMED = 1, HELD = 2 };

// One new row, from a claim with the place of its record. The claim must live until insert() returns.
struct NewRow {
  const Claim* claim = nullptr;
  bool claimed = false;
};

// Which ids of a batch a statement has touched.
class Touched {
 public:
  Touched(const pg::BinaryRows& ids, std::size_t asked);
  bool has(const std::string& message_id) const { return all_ || ids_.count(message_id) > 0; }
  bool all() const { return all_; }

 private:
  bool all_;
  std::unordered_set<std::string> ids_;  // only when not all
};

// Whose claims: the instance, and the number of the claim.
struct Owner {
  std::int64_t instance = 0;
  std::int64_t claim = 0;
};

// Rows whose message_id is there already are left alone and missing from the answer. pg::Conflict when another
// transaction inserts one of them at the same moment.
Touched insert(pg::Transaction& tx, std::span<const NewRow> rows, const Owner& owner, UtcTime now);

struct Waiting {
  std::vector<ClaimPtr> claims;
  LastDue last_due{};
};
// Claimed rows in the order they were due, with their dispatches; one whose dispatch is gone says so in `unreadable`.
// claim_waiting: only those that were due at `due_from` or later.
Waiting claim_waiting(pg::Transaction& tx, bus::Bus& bus, const std::string& provider, int rows_max, const Owner& owner,
                      UtcTime now, const DueFrom& due_from);
std::vector<ClaimPtr> claim_mid_round(pg::Transaction& tx, bus::Bus& bus, const std::string& provider, int rows_max,
                                      const Owner& owner, UtcTime now);
std::vector<ClaimPtr> claim_expired(pg::Transaction& tx, bus::Bus& bus, int rows_max, const Owner& owner, UtcTime now);
std::vector<ClaimPtr> claims_of(pg::Transaction& tx, bus::Bus& bus, std::int64_t instance, int rows_max);

// Rows as every claiming query returns them, in the order they were due; RETURNING promises none.
std::vector<ClaimPtr> claims_from(pg::Transaction& tx, bus::Bus& bus, const pqxx::result& rows);

// A claim that goes on: FAILOVER, RETRY, HELD or released.
struct Move {
  const Claim* claim = nullptr;
  State state = State::WAITING;
  std::string provider;
  UtcTime due_at{};
  int round = 1;
  int attempt = 0;
  std::vector<std::string> tried;
  bool extra_call = false;
};
// Both touch only rows that are still claimed by the instance under the claim's number. A row that becomes HELD or goes
// to its next round gets a copy of its dispatch.
Touched remove(pg::Transaction& tx, std::span<const Claim* const> claims, std::int64_t instance);
Touched move(pg::Transaction& tx, bus::Bus& bus, std::span<const Move> moves, std::int64_t instance);
// Removes those of the messages that are HELD.
Touched remove_held(pg::Transaction& tx, std::span<const Claim* const> claims);

// Aims up to `rows_max` due rows at another provider; returns how many.
std::size_t move_waiting(pg::Transaction& tx, const std::string& from, events::Channel channel, const std::string& to,
                         int rows_max, UtcTime now);
std::vector<std::string> waiting_providers(pg::Connection& connection);

struct Count {
  std::string provider;
  State state{};
  std::int64_t rows = 0;
  double overdue_seconds = 0;  // of the row that is due first; negative when it is not yet
};
std::vector<Count> count(pg::Connection& connection, UtcTime now);

}  // namespace carillon::dispatcher::pending_store
