// Calls of the inbound webhooks that were not believed: counted each, logged and audited once a minute at most, with
// how many there were. Whoever forges thousands writes no more than that. Thread-safe; blocks on the database once a
// minute.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "bus/bus.hpp"
#include "postgres/pool.hpp"
#include "provisioning/app/pool_metrics.hpp"
#include "time/clock.hpp"

namespace carillon::provisioning {

inline constexpr std::chrono::seconds inbound_refusal_pause{60};

class InboundRefusals {
 public:
  InboundRefusals(pg::Pool& pool, bus::Bus& bus, const Clock& clock, PoolMetrics& metrics)
      : pool_(pool), bus_(bus), clock_(clock), metrics_(metrics) {}
  // `reason` is a word of the program.
  void refused(const std::string& reason);

 private:
  using Counts = std::map<std::string, std::int64_t>;
  void report(const Counts& counts);

  pg::Pool& pool_;
  bus::Bus& bus_;
  const Clock& clock_;
  PoolMetrics& metrics_;
  std::mutex mutex_;
  Counts unreported_;             // mutex_
  SteadyTime report_again_at_{};  // mutex_
};

}  // namespace carillon::provisioning
