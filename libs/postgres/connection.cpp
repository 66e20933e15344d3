#include "postgres/connection.hpp"

#include <poll.h>

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "postgres/errors.hpp"
#include "postgres/session.hpp"

namespace carillon::pg {
namespace {

using ResultHandle = std::unique_ptr<PGresult, void (*)(PGresult*)>;

constexpr int binary_format = 1;

// Pointers into the parameters, as libpq wants them.
struct BoundValues {
  explicit BoundValues(const Params& params) {
    for (const auto& value : params.values()) {
      values.push_back(value ? value->data() : nullptr);
      lengths.push_back(value ? static_cast<int>(value->size()) : 0);
    }
    formats.assign(params.binary().begin(), params.binary().end());
  }
  int count() const { return static_cast<int>(values.size()); }
  std::vector<const char*> values;
  std::vector<int> lengths, formats;
};

std::string binary_name(const Query& query) {
  return std::string(query.name) + "_binary";
}

// libpqxx 6 keeps the state of most failures to itself where the exception's type says it.
std::string sqlstate_of(const pqxx::sql_error& error) {
  if (!error.sqlstate().empty()) return error.sqlstate();
  if (dynamic_cast<const pqxx::insufficient_privilege*>(&error)) return "42501";
  if (dynamic_cast<const pqxx::undefined_table*>(&error)) return "42P01";
  if (dynamic_cast<const pqxx::undefined_column*>(&error)) return "42703";
  if (dynamic_cast<const pqxx::undefined_function*>(&error)) return "42883";
  if (dynamic_cast<const pqxx::syntax_error*>(&error)) return "42601";
  if (dynamic_cast<const pqxx::disk_full*>(&error)) return "53100";
  if (dynamic_cast<const pqxx::out_of_memory*>(&error)) return "53200";
  if (dynamic_cast<const pqxx::insufficient_resources*>(&error)) return "53000";
  return "";
}

}  // namespace

struct Connection::State {
  explicit State(ConnectionSettings s) : settings(std::move(s)) {}

  ConnectionSettings settings;
  std::uint64_t epoch = 0;
  std::unique_ptr<Session> session;
  // Carries every statement: BEGIN and COMMIT are sent as statements, so that a failure is judged in one place.
  std::optional<pqxx::nontransaction> conduit;
  std::set<std::string, std::less<>> prepared;  // by the Query's name
  std::set<std::string, std::less<>> prepared_binary;

  void close() {
    conduit.reset();
    session.reset();
    prepared.clear();
    prepared_binary.clear();
  }

  [[noreturn]] void fail(const std::string& sqlstate, const char* message, const char* statement) {
    const bool connected = session && session->is_open();
    const std::string text = message == nullptr ? "" : message;  // it may live in the session
    if (!connected || ends_session(sqlstate, message)) close();
    throw_failure(sqlstate, text.c_str(), statement, connected);
  }

  // Runs `work` and translates what libpqxx throws.
  template <class Work>
  auto guarded(const char* statement, Work work) {
    try {
      return work();
    } catch (const pqxx::sql_error& error) {
      fail(sqlstate_of(error), error.what(), statement);
    } catch (const pqxx::deadlock_detected& error) {
      fail("40P01", error.what(), statement);
    } catch (const pqxx::transaction_rollback& error) {  // libpqxx gives the states of class 40 types of their own
      fail("40001", error.what(), statement);
    } catch (const pqxx::broken_connection&) {
      close();
      throw Unavailable(std::string("connection lost in statement ") + statement);
    } catch (const pqxx::failure& error) {
      fail("", error.what(), statement);
    }
  }

  void open() {
    if (session && session->is_open()) return;
    close();
    guarded("connect", [&] {
      session = std::make_unique<Session>(settings);
      conduit.emplace(*session);
    });
    ++epoch;
  }

  pqxx::result run(const Query& query, const Params& params) {
    std::vector<const char*> values;
    values.reserve(params.values().size());
    for (std::size_t i = 0; i < params.values().size(); ++i) {
      if (params.binary()[i] != 0) throw std::logic_error("binary parameters need run_binary");
      values.push_back(params.values()[i] ? params.values()[i]->c_str() : nullptr);
    }
    return guarded(query.name, [&] {
      if (!prepared.contains(std::string_view(query.name))) {
        session->prepare(query.name, query.text);
        prepared.insert(query.name);
      }
      return conduit->exec_prepared(query.name, pqxx::prepare::make_dynamic_params(values));
    });
  }

  pqxx::result run(const std::string& sql, const char* name = "without a name") {
    return guarded(name, [&] { return conduit->exec(sql); });
  }

  void check(const PGresult* result, const char* statement) {
    const ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return;
    const char* sqlstate = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char* message = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    fail(sqlstate == nullptr ? "" : sqlstate, message == nullptr ? PQerrorMessage(session->raw()) : message, statement);
  }

  void prepare_binary(const Query& query) {
    if (prepared_binary.contains(std::string_view(query.name))) return;
    const ResultHandle made(PQprepare(session->raw(), binary_name(query).c_str(), query.text, 0, nullptr), PQclear);
    check(made.get(), query.name);
    prepared_binary.insert(query.name);
  }

  BinaryRows run_binary(const Query& query, const Params& params) {
    prepare_binary(query);
    const BoundValues bound(params);
    std::shared_ptr<PGresult> result(
        PQexecPrepared(session->raw(), binary_name(query).c_str(), bound.count(), bound.values.data(),
                       bound.lengths.data(), bound.formats.data(), binary_format),
        PQclear);
    check(result.get(), query.name);
    return BinaryRows(std::move(result));
  }

  std::vector<BinaryRows> run_together(bool begin, std::span<const Statement> statements, bool commit) {
    for (const Statement& statement : statements) prepare_binary(statement.query);
    PGconn* raw = session->raw();
    bool sent = PQenterPipelineMode(raw) == 1;
    const auto send_plain = [&](const char* text) {
      sent = sent && PQsendQueryParams(raw, text, 0, nullptr, nullptr, nullptr, nullptr, binary_format) == 1;
    };
    if (begin) send_plain("BEGIN");
    for (const Statement& statement : statements) {
      const BoundValues bound(statement.params);
      sent = sent && PQsendQueryPrepared(raw, binary_name(statement.query).c_str(), bound.count(), bound.values.data(),
                                         bound.lengths.data(), bound.formats.data(), binary_format) == 1;
    }
    if (commit) send_plain("COMMIT");
    if (!sent || PQpipelineSync(raw) != 1) {
      close();
      throw Unavailable("connection lost in a group of statements");
    }
    std::vector<const char*> names;
    if (begin) names.push_back("BEGIN");
    for (const Statement& statement : statements) names.push_back(statement.query.name);
    if (commit) names.push_back("COMMIT");
    std::vector<std::shared_ptr<PGresult>> results;
    for (std::size_t i = 0; i < names.size(); ++i) {
      results.emplace_back(PQgetResult(raw), PQclear);
      while (const ResultHandle more{PQgetResult(raw), PQclear}) {  // up to the null pointer that ends each statement
      }
    }
    const ResultHandle end(PQgetResult(raw), PQclear);
    if (PQresultStatus(end.get()) != PGRES_PIPELINE_SYNC || PQexitPipelineMode(raw) != 1) {
      close();
      throw Unavailable("connection lost in a group of statements");
    }
    for (std::size_t i = 0; i < names.size(); ++i) check(results[i].get(), names[i]);
    const auto first = results.begin() + (begin ? 1 : 0);
    std::vector<BinaryRows> rows;
    std::for_each_n(first, statements.size(), [&](auto& result) { rows.emplace_back(std::move(result)); });
    return rows;
  }

  void copy(const std::string& table, const CopyRows& copied) {
    run("COPY " + table + " (" + copied.column_names() + ") FROM STDIN (FORMAT binary)", "COPY");
    const std::string_view rows = copied.bytes();
    PGconn* raw = session->raw();
    constexpr std::size_t block_bytes_max = 8U << 20;
    bool sent = true;
    for (std::size_t at = 0; sent && at < rows.size(); at += block_bytes_max) {
      const std::string_view block = rows.substr(at, block_bytes_max);
      sent = PQputCopyData(raw, block.data(), static_cast<int>(block.size())) == 1;
    }
    if (sent) sent = PQputCopyEnd(raw, nullptr) == 1;
    if (!sent) {
      close();
      throw Unavailable("connection lost in COPY");
    }
    // Every result up to the null pointer has to be taken, else the session stays in COPY mode.
    ResultHandle failure(nullptr, PQclear);
    while (PGresult* next = PQgetResult(raw)) {
      ResultHandle result(next, PQclear);
      if (PQresultStatus(next) != PGRES_COMMAND_OK && !failure) failure = std::move(result);
    }
    if (failure) check(failure.get(), "COPY");
  }
};

Connection::Connection(ConnectionSettings settings) : state_(std::make_unique<State>(std::move(settings))) {}
Connection::~Connection() = default;
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;

bool Connection::is_open() const {
  return state_->session && state_->session->is_open();
}
void Connection::close() {
  state_->close();
}
std::uint64_t Connection::epoch() const {
  return state_->epoch;
}
const ConnectionSettings& Connection::settings() const {
  return state_->settings;
}

pqxx::result Connection::run(const Query& query, const Params& params) {
  state_->open();
  return state_->run(query, params);
}

pqxx::result Connection::run(const std::string& sql) {
  state_->open();
  return state_->run(sql);
}

BinaryRows Connection::run_binary(const Query& query, const Params& params) {
  state_->open();
  return state_->run_binary(query, params);
}

int Connection::socket() {
  state_->open();
  return PQsocket(state_->session->raw());
}

bool Connection::wait_for_notification(std::chrono::milliseconds wait) {
  return !take_notifications(wait).empty();
}

std::vector<Notification> Connection::take_notifications(std::chrono::milliseconds wait) {
  state_->open();
  PGconn* raw = state_->session->raw();
  std::vector<Notification> taken;
  const auto drain = [&] {
    while (PGnotify* notice = PQnotifies(raw)) {
      const std::unique_ptr<PGnotify, void (*)(void*)> held(notice, PQfreemem);
      taken.push_back({notice->relname, notice->extra, notice->be_pid == PQbackendPID(raw)});
    }
  };
  drain();
  const auto deadline = std::chrono::steady_clock::now() + wait;
  for (;;) {
    const auto left = taken.empty()
                          ? std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now())
                          : std::chrono::milliseconds{0};
    pollfd socket{PQsocket(raw), POLLIN, 0};
    const int ready = ::poll(&socket, 1, static_cast<int>(std::max(left, std::chrono::milliseconds{0}).count()));
    if (ready > 0 && PQconsumeInput(raw) != 1) {
      close();
      throw Unavailable("connection lost while waiting for notifications");
    }
    drain();
    if (!taken.empty() || left.count() <= 0) return taken;
  }
}

struct Transaction::State {
  Connection::State& connection;
  std::uint64_t epoch;
  bool begun = false, finished = false;  // BEGIN goes with the first statement

  // The session this transaction lives in; a lost one took the transaction with it.
  Connection::State& session() {
    if (finished) throw std::logic_error("transaction is finished");
    if (connection.epoch != epoch || !connection.session)
      throw Unavailable("connection was lost earlier in the transaction");
    return connection;
  }

  Connection::State& begun_session() {
    Connection::State& here = session();
    if (!begun) here.run("BEGIN", "BEGIN");
    begun = true;
    return here;
  }

  std::vector<BinaryRows> run_together(std::span<const Statement> statements, bool commit) {
    Connection::State& here = session();
    refuse_failed(here);
    return here.run_together(!std::exchange(begun, true), statements, commit);
  }

  // COMMIT of a failed transaction is answered with a ROLLBACK that looks like success.
  static void refuse_failed(const Connection::State& here) {
    if (PQtransactionStatus(here.session->raw()) == PQTRANS_INERROR)
      throw StatementError("a statement of the transaction has failed before", "25P02");
  }
};

Transaction::Transaction(Connection& connection) {
  Connection::State& session = *connection.state_;
  session.open();
  state_ = std::unique_ptr<State>(new State{session, session.epoch});
}

Transaction::~Transaction() {
  if (state_->finished || !state_->begun || state_->connection.epoch != state_->epoch || !state_->connection.session)
    return;
  try {
    state_->connection.run("ROLLBACK", "ROLLBACK");
  } catch (const std::exception&) {
    state_->connection.close();  // the server rolls back when the session ends
  }
}

pqxx::result Transaction::run(const Query& query, const Params& params) {
  return state_->begun_session().run(query, params);
}
pqxx::result Transaction::run(const std::string& sql) {
  return state_->begun_session().run(sql);
}
BinaryRows Transaction::run_binary(const Query& query, const Params& params) {
  if (state_->begun) return state_->session().run_binary(query, params);
  return std::move(run_together({{query, params}}).front());
}
std::vector<BinaryRows> Transaction::run_together(const std::vector<Statement>& statements) {
  return state_->run_together(statements, false);
}
std::vector<BinaryRows> Transaction::commit_with(const std::vector<Statement>& statements) {
  auto rows = state_->run_together(statements, true);
  state_->finished = true;
  return rows;
}
void Transaction::copy(const std::string& table, const CopyRows& rows) {
  state_->begun_session().copy(table, rows);
}
void Transaction::savepoint(const std::string& name) {
  state_->begun_session().run("SAVEPOINT " + name, "SAVEPOINT");
}
void Transaction::rollback_to(const std::string& name) {
  state_->begun_session().run("ROLLBACK TO SAVEPOINT " + name, "ROLLBACK TO SAVEPOINT");
}

void Transaction::commit() {
  Connection::State& session = state_->session();
  State::refuse_failed(session);
  if (state_->begun) session.run("COMMIT", "COMMIT");
  state_->finished = true;
}

}  // namespace carillon::pg
