// One session with PostgreSQL, and transactions on it.
//
// Connection: connects on first use and again after a loss. One thread at a time. Every session sets
// application_name, TimeZone=UTC, statement_timeout, lock_timeout, idle_in_transaction_session_timeout and the role.
// Transaction: BEGIN goes with its first statement; rolls back when destroyed without commit. Statements are prepared
// on first use, per connection. Everything blocks at most for statement_timeout; connecting for connect_timeout. Throws
// pg::Unavailable, pg::Conflict or pg::StatementError (errors.hpp).
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/binary_rows.hpp"
#include "postgres/copy_rows.hpp"
#include "postgres/params.hpp"
#include "postgres/query.hpp"

namespace carillon::pg {

struct ConnectionSettings {
  std::string url;   // postgresql://... or key=value; the login role
  std::string role;  // SET ROLE to this one ("" = stay the login role)
  std::string application_name = "carillon";
  std::chrono::milliseconds connect_timeout{3'000};
  std::chrono::milliseconds statement_timeout{15'000};
  std::chrono::milliseconds lock_timeout{5'000};
  std::chrono::milliseconds idle_in_transaction_timeout{10'000};
  std::chrono::milliseconds idle_session_timeout{
      0};               // 0 = none; leases use it so that a stopped process loses its locks
  std::string options;  // further session settings, "-c name=value ...", by the libraries themselves
};

struct Notification {
  std::string channel, payload;
  bool own = false;  // sent by this very session
};

// For sessions that run the same few statements over tables that are often empty (queues, bus): plans are made once and
// by index, never anew for each array of parameters, and never from the size a queue had by chance. That leaves one
// trap: where the statistics say empty, a join by `t.id = x.id` may read the whole index of t, dead rows included. So a
// statement joins by `t.id = ANY (ARRAY[x.id])`, which can't be turned round, or, where an index has all that is asked
// for, in a subquery with OFFSET 0; and it orders by columns of x, not of t. Whether that leaves the probe alone tells
// tests/e2e/test_plans.py.
ConnectionSettings for_repeated_statements(ConnectionSettings settings);

class Connection {
 public:
  explicit Connection(ConnectionSettings settings);
  ~Connection();
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;

  bool is_open() const;
  void close();                 // the next use connects again
  std::uint64_t epoch() const;  // counts (re)connections: session state such as advisory locks is gone when it changes
  const ConnectionSettings& settings() const;

  // One statement outside a transaction (autocommit); for session locks, LISTEN, maintenance.
  pqxx::result run(const Query& query, const Params& params = {});
  pqxx::result run(const std::string& sql);
  BinaryRows run_binary(const Query& query, const Params& params = {});

  // Waits up to `wait` for a notification after LISTEN; true when at least one came. Drains all that are there.
  bool wait_for_notification(std::chrono::milliseconds wait);
  // The same with what they say. wait = 0 only looks.
  std::vector<Notification> take_notifications(std::chrono::milliseconds wait);
  // The session's socket, for poll(2) together with other descriptors; connects when needed. Changes with epoch().
  int socket();

 private:
  friend class Transaction;
  struct State;
  std::unique_ptr<State> state_;
};

struct Statement {
  const Query& query;
  const Params& params;
};

class Transaction {
 public:
  explicit Transaction(Connection& connection);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  pqxx::result run(const Query& query, const Params& params = {});
  pqxx::result run(const std::string& sql);
  // Parameters may hold binary arrays; the answer comes in binary format, without hex for bytea.
  BinaryRows run_binary(const Query& query, const Params& params = {});
  // The statements one after the other, in one round trip: each sees what those before it did and what was committed
  // until then. The first that fails throws; those behind it have not run.
  std::vector<BinaryRows> run_together(const std::vector<Statement>& statements);
  std::vector<BinaryRows> commit_with(const std::vector<Statement>& statements);  // the same and COMMIT behind them
  void copy(const std::string& table, const CopyRows& rows);  // COPY FROM STDIN; returns when the server took all
  void savepoint(const std::string& name);
  void rollback_to(const std::string& name);
  void commit();  // Unavailable here means: outcome unknown

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace carillon::pg
