// The service's own thread for what comes round with time: templates and limits (each second), deferred and parked
// messages (each 100 ms while some wait, else each second), old rows (each hour). A job that finds no database is tried
// again at its next turn.
#pragma once
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "bus/bus.hpp"
#include "orchestrator/app/decide_requests.hpp"
#include "time/clock.hpp"

namespace carillon::orchestrator {

class Housekeeping {
 public:
  Housekeeping(pg::ConnectionSettings connection, bus::Bus& bus, const Clock& clock, const Facts& facts,
               TemplateStore& templates, OutboundLimits& limits, const DecideRequests& decide);
  ~Housekeeping();  // stop()
  void start();
  void stop();
  void look_now();  // something was deferred or parked. Thread-safe

 private:
  void run();
  void refresh();
  bool release();
  void drop_old_rows();

  pg::Connection connection_;  // own thread only
  bus::Bus& bus_;
  const Clock& clock_;
  const Facts& facts_;
  TemplateStore& templates_;
  OutboundLimits& limits_;
  const DecideRequests& decide_;
  bool seeded_ = false;  // own thread only

  std::mutex mutex_;
  std::condition_variable changed_;
  bool running_ = false;  // guarded by mutex_
  bool look_ = false;     // guarded by mutex_
  std::thread thread_;
};

}  // namespace carillon::orchestrator
