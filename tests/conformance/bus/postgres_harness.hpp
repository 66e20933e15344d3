// The conformance suite's harness for the PostgreSQL engine.
#pragma once
#include <cstdlib>
#include <memory>
#include <optional>

#include "bus/postgres/postgres_bus.hpp"
#include "bus/testing/harness.hpp"
#include "postgres/testing/test_database.hpp"
#include "time/clock.hpp"

namespace carillon::bus::testing {

inline constexpr const char* role = "carillon_conformance";
inline constexpr const char* child_url_variable = "CARILLON_CONFORMANCE_DATABASE_URL";

class PostgresNode final : public Node {
 public:
  explicit PostgresNode(PostgresBusSettings settings)
      : bell_(settings.connection), bus_(make_postgres_bus(std::move(settings), bell_, clock_)) {}
  Bus& bus() override { return *bus_; }
  Bell& bell() { return bell_; }

 private:
  SystemClock clock_;
  Bell bell_;
  std::unique_ptr<Bus> bus_;
};

class PostgresHarness final : public Harness {
 public:
  PostgresHarness() {
    if (const char* url = std::getenv(child_url_variable)) {
      url_ = url;
      return;
    }
    database_.emplace();
    url_ = database_->url();
    pg::Connection owner(administrator());
    const pg::Migration tables[] = {{"001_conformance", conformance_tables}};
    pg::migrate(owner, bus_schema());
    pg::migrate(owner, {"conformance", role, tables});
    grant_topics(owner, role, topics::all, topics::all);
  }

  static PostgresBusSettings settings_of(pg::ConnectionSettings database) {
    PostgresBusSettings settings;
    settings.connection = std::move(database);
    settings.lease_timeout = std::chrono::milliseconds{2'000};
    return settings;
  }
  PostgresBusSettings bus_settings() const { return settings_of(database()); }
  std::unique_ptr<Node> node() override { return std::make_unique<PostgresNode>(bus_settings()); }

  pg::ConnectionSettings database() const override {
    pg::ConnectionSettings settings = administrator();
    settings.role = role;
    return settings;
  }
  pg::ConnectionSettings administrator() const override {
    pg::ConnectionSettings settings;
    settings.url = url_;
    settings.application_name = "conformance";
    return settings;
  }
  std::chrono::milliseconds lease_timeout() const override { return bus_settings().lease_timeout; }
  void take_leases_away(const std::string& group) override {
    pg::Connection connection(administrator());
    connection.run(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND "
        "application_name = "
        "'conformance lease " +
        group + "'");
  }
  std::map<std::string, std::string> child_environment() const override { return {{child_url_variable, url_}}; }
  std::string child_test_case() const override { return "child consumer"; }

 private:
  std::optional<carillon::testing::TestDatabase> database_;
  std::string url_;
};

}  // namespace carillon::bus::testing
