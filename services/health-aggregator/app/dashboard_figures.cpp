#include "health-aggregator/app/dashboard_figures.hpp"

#include "health-aggregator/app/health_figures.hpp"
#include "health-aggregator/core/page_cursor.hpp"
#include "health_sql.hpp"
#include "postgres/errors.hpp"

namespace carillon::health {

namespace {

std::optional<UtcTime> optional_time(const pqxx::field& field) {
  if (field.is_null()) return std::nullopt;
  return pg::to_utc(field.c_str());
}

std::map<std::string, ProviderCalls> read_calls(pg::Connection& connection, Window window) {
  std::map<std::string, ProviderCalls> calls;
  for (const auto& row : connection.run(health_sql::provider_calls, window_params(window))) {
    calls[row["provider"].c_str()] = {row["accepted"].as<std::int64_t>(), row["failed"].as<std::int64_t>(),
                                      row["refused"].as<std::int64_t>(), row["latency_ms"].as<std::int64_t>()};
  }
  return calls;
}

std::vector<FailureKind> read_failures(pg::Connection& connection, Window window) {
  std::vector<FailureKind> failures;
  for (const auto& row : connection.run(health_sql::top_failures, window_params(window).add(top_failures_max))) {
    failures.push_back({row["template_key"].c_str(), static_cast<events::Status>(row["status"].as<int>()),
                        row["reason"].c_str(), row["messages"].as<std::int64_t>(), pg::to_utc(row["since"].c_str())});
  }
  return failures;
}

// Where many wait, or one has for very long, there may be too much to walk through; then the figure is left out, and
// the page is not held up.
std::optional<UtcTime> find_oldest_waiting(pg::Connection& connection, UtcTime now) {
  try {
    pg::Transaction tx(connection);
    tx.run("SET LOCAL statement_timeout = " + std::to_string(oldest_waiting_patience.count()));
    tx.run(health_sql::search_settings);
    const auto rows =
        tx.run(health_sql::oldest_waiting, pg::Params().add(least_message_id(now - oldest_waiting_within)));
    return optional_time(rows[0]["since"]);
  } catch (const pg::Unavailable&) {
  }
  return std::nullopt;
}

}  // namespace

DashboardFigures read_dashboard_figures(pg::Connection& connection, Window window, std::int64_t waiting, UtcTime now) {
  DashboardFigures figures;
  figures.calls = read_calls(connection, window);
  figures.failures = read_failures(connection, window);
  const auto unread = connection.run(health_sql::unread_log);
  figures.queue.unread_records = unread[0]["records"].as<std::int64_t>();
  figures.queue.oldest_unread = optional_time(unread[0]["oldest"]);
  if (waiting > 0) figures.queue.oldest_waiting = find_oldest_waiting(connection, now);
  return figures;
}

}  // namespace carillon::health
