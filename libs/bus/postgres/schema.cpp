#include <fmt/format.h>

#include "bus/postgres/postgres_bus.hpp"
#include "bus_sql.hpp"
#include "postgres/errors.hpp"
#include "service/log.hpp"

namespace carillon::bus {
namespace {

constexpr int days_ahead = 2;
constexpr std::chrono::hours dead_letter_rows_kept{30 * 24};

void grant_one(pg::Connection& owner, const std::string& role, const Topic& topic, const char* rights) {
  owner.run(fmt::format("GRANT {} ON bus.{} TO {}", rights, topic.table, role));
}

// Kept days are worth a line only when a consumer is the reason; the newest record stays by design.
void drop_old_days(pg::Connection& connection, std::chrono::hours retention) {
  pg::Params params;
  params.add(static_cast<std::int64_t>(retention.count()))
      .add(static_cast<std::int64_t>(dead_letter_rows_kept.count()));
  for (const auto& row : connection.run(bus_sql::old_days, params)) {
    const std::string topic = row[0].c_str();
    const std::string child = row[1].c_str();
    if (!row[2].is_null()) {
      const std::string reason = row[2].c_str();
      if (reason != "newest record")
        log::warn("bus.retention_skipped", {{"topic", topic}, {"day", child}, {"reason", reason}});
      continue;
    }
    try {
      if (connection.run(bus_sql::drop_day, pg::Params().add(topic).add(child))[0][0].as<bool>()) {
        log::info("bus.day_dropped", {{"topic", topic}, {"day", child}});
      }
    } catch (const pg::Conflict&) {
      log::info("bus.retention_skipped", {{"topic", topic}, {"day", child}, {"reason", "busy"}});
    }
  }
}

}  // namespace

pg::Schema bus_schema() {
  return {"bus", "", bus_sql::migrations};
}

void grant_topics(pg::Connection& owner, const std::string& role, std::span<const Topic> writes,
                  std::span<const Topic> reads) {
  pg::ensure_role(owner, role);
  const pg::MigrationLock lock(owner);
  owner.run(
      fmt::format("GRANT USAGE ON SCHEMA bus TO {0}; GRANT SELECT, INSERT, UPDATE ON bus.bus_offsets TO {0}; GRANT "
                  "EXECUTE ON FUNCTION bus.agree_partitions(integer), "
                  "bus.add_days(integer), bus.source_id(), bus.table_of(text), "
                  "bus.old_days(interval, interval), bus.drop_day(text, name) TO {0}",
                  role));
  for (const Topic& topic : writes) grant_one(owner, role, topic, "SELECT, INSERT");
  for (const Topic& topic : reads) {
    grant_one(owner, role, topic, "SELECT");
    // What it can't handle goes there; who only looks at dead letters adds none.
    if (dead_letter_topic(topic).name != topic.name) grant_one(owner, role, dead_letter_topic(topic), "SELECT, INSERT");
  }
}

void maintain_bus(pg::Connection& connection, std::chrono::hours retention) {
  connection.run(bus_sql::add_days, pg::Params().add(days_ahead));
  drop_old_days(connection, retention);
}

}  // namespace carillon::bus
