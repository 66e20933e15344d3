// The PostgreSQL engine behind bus.hpp. Private to libs/bus.
#pragma once
#include <atomic>
#include <memory>

#include "bus/postgres/postgres_bus.hpp"
#include "bus/postgres/publisher.hpp"
#include "postgres/pool.hpp"
#include "service/metrics.hpp"

namespace carillon::bus {

class PostgresBus final : public Bus {
 public:
  PostgresBus(PostgresBusSettings settings, Bell& bell, const Clock& clock);
  void flush(Outbox& out, pg::Transaction& tx) override { publish(out, tx, false); }
  void commit(Outbox& out, pg::Transaction& tx) override { publish(out, tx, true); }
  void wake(Outbox& out) override;
  std::unique_ptr<Consumer> consume(ConsumerSettings settings, Handler& handler) override;
  std::unique_ptr<Broadcast> broadcast(const Topic& topic, std::function<void(const Received&)> on_record) override;
  std::vector<Received> peek(const Topic& topic, int partition, std::int64_t after_seq,
                             std::size_t records_max) override;
  std::vector<std::optional<Record>> read_back(const Topic& topic, std::span<const Place> places,
                                               pg::Transaction& tx) override;
  int partitions() const override { return settings_.partitions; }

  // For its consumers.
  const PostgresBusSettings& settings() const { return settings_; }
  Bell& bell() { return bell_; }
  const Clock& clock() const { return clock_; }
  // Asks the database for its number of partitions until it has answered once. Throws Unavailable until it agrees.
  void require_agreement();
  metrics::Counter counter(const char* name, const char* help, const metrics::Labels& labels) const;
  metrics::Gauge gauge(const char* name, const char* help, const metrics::Labels& labels) const;

 private:
  void publish(Outbox& out, pg::Transaction& tx, bool commit);
  void ask_partitions();  // throws std::runtime_error on a mismatch
  const PostgresBusSettings settings_;
  Bell& bell_;
  const Clock& clock_;
  Publisher publisher_;
  pg::Pool pool_;  // for peek and the agreement
  std::atomic<bool> agreed_{false};
};

}  // namespace carillon::bus
