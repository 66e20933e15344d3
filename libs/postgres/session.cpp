#include "postgres/session.hpp"

#include <fmt/format.h>

#include <memory>
#include <string_view>

#include "postgres/errors.hpp"

namespace carillon::pg {
namespace {

constexpr int keepalive_idle_seconds = 10;
constexpr int keepalive_interval_seconds = 5;
constexpr int keepalive_count = 3;
constexpr std::chrono::milliseconds unacknowledged_data_margin{
    5'000};  // beyond statement_timeout, see tcp_user_timeout

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

// Only the first line, and nothing of class 22 (data exceptions), whose messages quote the value.
std::string first_line(const std::string& sqlstate, const char* message) {
  if (message == nullptr || starts_with(sqlstate, "22")) return "";
  std::string_view text(message);
  text = text.substr(0, text.find('\n'));
  return ": " + std::string(text);
}

// `options` inside the URL stays in force; ours come after it.
std::string options_in(const std::string& url) {
  char* error = nullptr;
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> parsed(PQconninfoParse(url.c_str(), &error),
                                                                              PQconninfoFree);
  if (!parsed) {
    PQfreemem(error);  // its text may quote the URL and with it the password
    throw std::invalid_argument(
        "database URL can't be parsed; expected postgresql://user@host:port/name or key=value pairs");
  }
  for (const PQconninfoOption* o = parsed.get(); o->keyword != nullptr; ++o) {
    if (std::string_view(o->keyword) == "options" && o->val != nullptr) return std::string(o->val) + " ";
  }
  return "";
}

std::string session_options(const ConnectionSettings& s) {
  std::string text = options_in(s.url);
  text += fmt::format(
      "-c timezone=UTC -c datestyle=ISO -c client_min_messages=warning -c default_transaction_isolation=read\\ "
      "committed "
      "-c statement_timeout={} -c lock_timeout={} -c idle_in_transaction_session_timeout={} -c idle_session_timeout={}",
      s.statement_timeout.count(), s.lock_timeout.count(), s.idle_in_transaction_timeout.count(),
      s.idle_session_timeout.count());
  if (!s.role.empty()) text += " -c role=" + s.role;
  text += s.options.empty() ? "" : " " + s.options;
  return text;
}

}  // namespace

ConnectionSettings for_repeated_statements(ConnectionSettings settings) {
  settings.options +=
      " -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_bitmapscan=off -c enable_hashjoin=off "
      "-c enable_mergejoin=off -c jit=off";
  return settings;
}

ConnectPolicy::ConnectPolicy(const ConnectionSettings& settings) : pqxx::connectionpolicy(""), settings_(settings) {}

ConnectPolicy::handle ConnectPolicy::do_startconnect(handle orig) {
  if (orig != nullptr) return orig;
  const std::string options = session_options(settings_);
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(settings_.connect_timeout).count();
  const std::string connect_timeout = std::to_string(seconds);
  const std::string idle = std::to_string(keepalive_idle_seconds);
  const std::string interval = std::to_string(keepalive_interval_seconds);
  const std::string count = std::to_string(keepalive_count);
  const std::string user_timeout = std::to_string((settings_.statement_timeout + unacknowledged_data_margin).count());
  const char* const names[] = {
      "dbname",          "application_name",    "options",          "connect_timeout",  "client_encoding",
      "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout", nullptr};
  const char* const values[] = {settings_.url.c_str(),
                                settings_.application_name.c_str(),
                                options.c_str(),
                                connect_timeout.c_str(),
                                "UTF8",
                                idle.c_str(),
                                interval.c_str(),
                                count.c_str(),
                                user_timeout.c_str(),
                                nullptr};
  PGconn* connection = PQconnectdbParams(names, values, 1);
  if (connection == nullptr) throw std::bad_alloc();
  if (PQstatus(connection) != CONNECTION_OK) {
    const std::string message = PQerrorMessage(connection);
    PQfinish(connection);
    throw Unavailable("can't connect to PostgreSQL" + first_line("", message.c_str()));
  }
  raw_ = connection;
  return connection;
}

ConnectPolicy::handle ConnectPolicy::do_dropconnect(handle orig) noexcept {
  return orig;
}

ConnectPolicy::handle ConnectPolicy::do_disconnect(handle orig) noexcept {
  raw_ = nullptr;
  return pqxx::connectionpolicy::do_disconnect(orig);
}

Session::Session(const ConnectionSettings& settings) : PolicyHolder(settings), pqxx::connection_base(policy) {
  init();
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  // libpqxx 6 would reconnect by itself and lose session state without a word.
  inhibit_reactivation(true);
#pragma GCC diagnostic pop
}

bool ends_session(const std::string& sqlstate, const char* message) {
  if (starts_with(sqlstate, "08") || starts_with(sqlstate, "57P") || sqlstate == "25P03") return true;
  if (sqlstate == "25006") return true;  // read only: a failed-over server, the next connection may reach the primary
  return sqlstate == "0A000" && message != nullptr &&
         std::string_view(message).find("cached plan") != std::string_view::npos;
}

void throw_failure(const std::string& sqlstate, const char* message, const char* statement, bool connected) {
  const std::string what = fmt::format("statement {} failed{}{}{}", statement, sqlstate.empty() ? "" : ": SQLSTATE ",
                                       sqlstate, first_line(sqlstate, message));
  // 57014: the statement time-out, a matter of load and not of the statement's data.
  const bool transient = !connected || ends_session(sqlstate, message) || starts_with(sqlstate, "53") ||
                         starts_with(sqlstate, "58") || sqlstate == "57014";
  if (transient) throw Unavailable(what);
  if (starts_with(sqlstate, "40") || sqlstate == "55P03" || sqlstate == "55006") throw Conflict(what);
  throw StatementError(what, sqlstate);
}

}  // namespace carillon::pg
