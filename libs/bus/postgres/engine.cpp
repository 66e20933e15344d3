#include "bus/postgres/engine.hpp"

#include <fmt/format.h>

#include <set>

#include "bus/postgres/broadcast.hpp"
#include "bus/postgres/consumer.hpp"
#include "bus/postgres/handover.hpp"
#include "bus/postgres/reader.hpp"
#include "bus/postgres/topic_statements.hpp"
#include "bus_sql.hpp"
#include "postgres/errors.hpp"
#include "service/log.hpp"

namespace carillon::bus {
namespace {

constexpr std::size_t pool_size_max = 2;
constexpr std::size_t peek_records_max = 1'000;
constexpr std::size_t peek_bytes_max = 16U << 20;

}  // namespace

PostgresBus::PostgresBus(PostgresBusSettings settings, Bell& bell, const Clock& clock)
    : settings_(std::move(settings)),
      bell_(bell),
      clock_(clock),
      publisher_(settings_.partitions),
      pool_(pg::for_repeated_statements(settings_.connection), pool_size_max) {
  if (settings_.partitions < 1 || settings_.partitions > 64)
    throw std::runtime_error("the bus has between 1 and 64 partitions");
  try {
    ask_partitions();
  } catch (const pg::Unavailable& error) {
    log::warn("bus.not_ready", {{"reason", error.what()}});
  } catch (const pg::StatementError& error) {  // not migrated yet, or grants are missing
    log::warn("bus.not_ready", {{"reason", error.what()}});
  }
}

void PostgresBus::ask_partitions() {
  pg::Pool::Lease connection = pool_.take();
  const int there = connection->run(bus_sql::agree_partitions, pg::Params().add(settings_.partitions))[0][0].as<int>();
  if (there != settings_.partitions) {
    throw std::runtime_error(
        fmt::format("the bus of this database has {} partitions, the settings say {}; set them to {}", there,
                    settings_.partitions, there));
  }
  agreed_ = true;
}

void PostgresBus::require_agreement() {
  if (agreed_) return;
  try {
    ask_partitions();
  } catch (const pg::Unavailable&) {
    throw;
  } catch (const std::exception& error) {
    throw pg::Unavailable(error.what());
  }
}

void PostgresBus::publish(Outbox& out, pg::Transaction& tx, bool commit) {
  if (out.empty()) {
    if (commit) tx.commit();
    return;
  }
  require_agreement();
  publisher_.publish(out, tx, commit);
  for (const auto& [name, entry] : out.records()) {
    counter("carillon_bus_records_total", "Records by topic and direction",
            {{"topic", std::string(name)}, {"direction", "published"}})
        .add(static_cast<double>(entry.second.size()));
  }
}

void PostgresBus::wake(Outbox& out) {
  std::set<std::string_view> read_elsewhere;
  for (const Outbox::PlacedRow& row : out.take_placed()) {
    const Topic& topic = out.records().at(row.topic).first;
    if (bell_.handover().wanted(topic.table, row.partition)) {
      bell_.handover().put(topic.table, {row.partition, row.base_seq, row.published_at, out.take_records(row)});
    } else {
      read_elsewhere.insert(topic.table);
    }
  }
  for (const auto& [name, entry] : out.records()) {
    const bool tell_others = !settings_.relayed || read_elsewhere.contains(entry.first.table);
    bell_.ring(entry.first, tell_others ? Bell::Hearers::ALL : Bell::Hearers::HERE);
  }
}

std::unique_ptr<Consumer> PostgresBus::consume(ConsumerSettings settings, Handler& handler) {
  return std::make_unique<PostgresConsumer>(*this, std::move(settings), handler);
}

std::unique_ptr<Broadcast> PostgresBus::broadcast(const Topic& topic, std::function<void(const Received&)> on_record) {
  return std::make_unique<PostgresBroadcast>(*this, topic, std::move(on_record));
}

std::vector<Received> PostgresBus::peek(const Topic& topic, int partition, std::int64_t after_seq,
                                        std::size_t records_max) {
  const std::size_t wanted = std::min(records_max, peek_records_max);
  pg::Pool::Lease connection = pool_.take();
  Reader reader(topic, {wanted, peek_bytes_max});
  std::vector<Received> found;
  std::size_t bytes = 0;
  for (std::int64_t next_seq = after_seq + 1; found.size() < wanted && bytes < peek_bytes_max;
       next_seq = found.back().seq + 1) {
    Fetched page = reader.fetch(*connection, {{partition, next_seq}});  // some rows, however many there are
    if (page.records.empty()) break;
    for (const Received& each : page.records) bytes += each.record.value.size();
    std::move(page.records.begin(), page.records.end(), std::back_inserter(found));
  }
  if (found.size() > wanted) found.resize(wanted);
  return found;
}

std::vector<std::optional<Record>> PostgresBus::read_back(const Topic& topic, std::span<const Place> places,
                                                          pg::Transaction& tx) {
  return Reader::read_back(topic, places, tx);
}

metrics::Counter PostgresBus::counter(const char* name, const char* help, const metrics::Labels& labels) const {
  return settings_.metrics == nullptr ? metrics::Counter{} : settings_.metrics->counter(name, help, labels);
}

metrics::Gauge PostgresBus::gauge(const char* name, const char* help, const metrics::Labels& labels) const {
  return settings_.metrics == nullptr ? metrics::Gauge{} : settings_.metrics->gauge(name, help, labels);
}

std::unique_ptr<Bus> make_postgres_bus(PostgresBusSettings settings, Bell& bell, const Clock& clock) {
  return std::make_unique<PostgresBus>(std::move(settings), bell, clock);
}

}  // namespace carillon::bus
