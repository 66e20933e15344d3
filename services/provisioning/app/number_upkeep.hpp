// The service's own thread for what comes round with time: numbers of canceled clients, the end of their quarantine,
// clients that wait for a number, the alarm of a low pool, old inbound messages. Looks each minute and when it is told
// that the pool has changed. What fails is tried again at its next turn.
#pragma once
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "bus/bus.hpp"
#include "postgres/connection.hpp"
#include "provisioning/app/converse.hpp"
#include "provisioning/app/pool_metrics.hpp"
#include "time/clock.hpp"

namespace carillon::provisioning {

// How long an inbound message is remembered, for it may be delivered again.
inline constexpr std::chrono::hours inbound_kept_for{30 * 24};

// Takes their numbers from clients whose subscription has ended; returns how many.
int reserve_canceled_numbers(pg::Connection& connection, bus::Bus& bus, UtcTime now);
// Makes numbers AVAILABLE whose quarantine is over; returns how many.
int end_number_quarantine(pg::Connection& connection, bus::Bus& bus, UtcTime now);
// Publishes OPS_ALERT_NUMBER_POOL_LOW when the pool becomes low, once until it has recovered, whatever number of
// instances look. What was counted, for the metrics.
PoolFigures watch_number_pool(pg::Connection& connection, bus::Bus& bus, int threshold, UtcTime now);
// Numbers for who waits, the longest first, as far as there are any; one that is kept for its client always is.
void serve_waiting_clients(pg::Connection& connection, Converse& converse, const PoolFigures& figures);
void drop_old_inbound_messages(pg::Connection& connection, UtcTime now);

class NumberUpkeep {
 public:
  // Nothing is done before `may_change` says so.
  NumberUpkeep(pg::ConnectionSettings connection, bus::Bus& bus, const Clock& clock, Converse& converse,
               PoolMetrics& metrics, int threshold, std::function<bool()> may_change);
  ~NumberUpkeep() { stop(); }
  void start();
  void stop();
  void look_now();  // from any thread; the pool has changed

  void turn();  // for the thread, and for tests

 private:
  void run();

  pg::Connection connection_;  // own thread only
  bus::Bus& bus_;
  const Clock& clock_;
  Converse& converse_;
  PoolMetrics& metrics_;
  const int threshold_;
  const std::function<bool()> may_change_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool running_ = false;  // guarded by mutex_
  bool wanted_ = false;   // guarded by mutex_
  std::thread thread_;
};

}  // namespace carillon::provisioning
