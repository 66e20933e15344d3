// The service's own thread for what comes round with time: the conversion alarm (each minute), old rows (each hour).
// What fails is tried again at its next turn.
#pragma once
#include <condition_variable>
#include <mutex>
#include <thread>

#include "bus/bus.hpp"
#include "otp/core/conversion.hpp"
#include "otp/core/rules.hpp"
#include "postgres/connection.hpp"
#include "time/clock.hpp"

namespace carillon::otp {

// Compares each country's codes sent and used, publishes OPS_ALERT_OTP_CONVERSION where it turns low; once until it has
// recovered, whatever number of instances look. Returns how many alarms were raised.
int watch_conversion(pg::Connection& connection, bus::Bus& bus, const ConversionRule& rule, UtcTime now);

// Rows in which nothing counts any more.
void drop_old_rows(pg::Connection& connection, const Rules& rules, UtcTime now);

class Housekeeping {
 public:
  Housekeeping(pg::ConnectionSettings connection, bus::Bus& bus, const Clock& clock, const Rules& rules,
               const ConversionRule& conversion);
  ~Housekeeping() { stop(); }
  void start();
  void stop();

 private:
  void run();
  void turn();

  pg::Connection connection_;  // own thread only
  bus::Bus& bus_;
  const Clock& clock_;
  const Rules& rules_;
  const ConversionRule& conversion_;
  SteadyTime dropped_at_{};  // own thread only
  bool dropped_ = false;     // own thread only
  std::mutex mutex_;
  std::condition_variable changed_;
  bool running_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace carillon::otp
