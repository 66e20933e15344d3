// Looks at the failures of the last spike_window_minutes and has OPS and the admins told when they are too many: once
// for each level until it has cleared. What has been told stands in the table health.spike, and one instance looks at a
// time, so neither a restart nor another instance tells it again.
#pragma once
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "bus/bus.hpp"
#include "health-aggregator/core/spike.hpp"
#include "postgres/connection.hpp"
#include "service/metrics.hpp"
#include "time/clock.hpp"

namespace carillon::health {

// A look that failed is repeated after this time.
inline constexpr std::chrono::seconds spike_retry_interval{10};

struct SpikeLook {
  SpikeLevel level = SpikeLevel::NONE;  // as the figures are now
  SpikeLevel told = SpikeLevel::NONE;   // the highest that has been told since it last cleared
  SpikeStep step = SpikeStep::NOTHING;  // what this look did
};

// One look, one transaction. While another instance looks it does nothing but read what has been told. `dashboard_url`:
// "" when links to us can't be made. Throws the pg:: errors.
SpikeLook look_for_spike(pg::Connection& connection, bus::Bus& bus, const SpikeRule& rule,
                         const std::string& dashboard_url, UtcTime now);

class SpikeMonitor {
 public:
  SpikeMonitor(pg::ConnectionSettings connection, bus::Bus& bus, const Clock& clock, metrics::Registry& metrics,
               const SpikeRule& rule, std::chrono::seconds interval, std::string dashboard_url);
  ~SpikeMonitor() { stop(); }
  void start();
  void stop();

 private:
  void run();
  bool turn();  // false: it failed

  pg::Connection connection_;  // own thread only
  bus::Bus& bus_;
  const Clock& clock_;
  const SpikeRule rule_;
  const std::chrono::seconds interval_;
  const std::string dashboard_url_;
  metrics::Gauge level_;
  metrics::Counter warned_, critical_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool running_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace carillon::health
