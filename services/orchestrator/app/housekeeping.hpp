// The service's own thread for what comes round with time: templates and limits (each second), deferred and parked
// messages and scheduled ones that are due (each 100 ms while some wait, else each second), figures of the throttle,
// old rows (each hour). A job that fails is tried again at its next turn and holds up no other.
#pragma once
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "bus/bus.hpp"
#include "orchestrator/app/decide_requests.hpp"
#include "orchestrator/app/throttle_figures.hpp"
#include "time/clock.hpp"

namespace carillon::orchestrator {

class Housekeeping {
 public:
  Housekeeping(pg::ConnectionSettings connection, bus::Bus& bus, const Clock& clock, const Facts& facts,
               TemplateStore& templates, OutboundLimits& limits, const DecideRequests& decide,
               metrics::Registry& metrics);
  ~Housekeeping();  // stop()
  void start();
  void stop();
  void look_now();  // something was deferred or parked. Thread-safe

 private:
  struct Released {
    bool waiting = false;  // some still wait
    bool well = true;      // nothing failed
  };
  void run();
  bool attempt(const char* job, const std::function<void()>& run);  // false: it failed, which is logged
  void refresh();
  void say_what_is_missing();
  Released release();  // parked, scheduled, deferred: an attempt each
  void clean();

  pg::Connection connection_;  // own thread only
  bus::Bus& bus_;
  const Clock& clock_;
  const Facts& facts_;
  TemplateStore& templates_;
  OutboundLimits& limits_;
  const DecideRequests& decide_;
  ThrottleFigures throttle_figures_;                // own thread only
  bool seeded_ = false, checked_ = false;           // own thread only
  std::map<std::string, std::string> last_errors_;  // by job; own thread only

  std::mutex mutex_;
  std::condition_variable changed_;
  bool running_ = false;  // guarded by mutex_
  bool look_ = false;     // guarded by mutex_
  std::thread thread_;
};

}  // namespace carillon::orchestrator
