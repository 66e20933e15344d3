// Forgets a recipient on request, in all messages accepted until then. The order is stored, audited and published
// (notification.feedback.v1, kind ERASE, for the services that hold more) in one commit; then the message log is gone
// through in short transactions, by whichever instance comes first. It is gone through again each hour for as long as
// events of earlier messages may still arrive, after which the references are dropped too. Whatever happened to whom is
// known by reference only from the beginning.
//
// request() is thread-safe; the rest runs on an own thread.
#pragma once
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "bus/bus.hpp"
#include "health-aggregator/core/erasure_order.hpp"
#include "postgres/pool.hpp"
#include "security/seal.hpp"
#include "time/clock.hpp"

namespace carillon::health {

inline constexpr int erasure_step_messages = 1'000;  // of one transaction
inline constexpr std::chrono::hours erasure_repeat_interval{1};
inline constexpr std::chrono::hours erasure_slack{24};  // beyond the bus's retention
inline constexpr std::chrono::seconds erasure_look_interval{60};

struct RequestedErasure {
  std::string erasure_id;
  std::string recipient_hash;  // under the newest key; what audit entries name
  UtcTime requested_at{};
};

struct EraseRecipientsParts {
  pg::ConnectionSettings connection;
  pg::Pool& pool;
  bus::Bus& bus;
  const security::Sealer& sealer;
  const Clock& clock;
  std::chrono::hours bus_retention;
};

class EraseRecipients {
 public:
  explicit EraseRecipients(EraseRecipientsParts parts);
  ~EraseRecipients() { stop(); }
  RequestedErasure request(const ErasureOrder& order, const std::string& actor, std::string_view traceparent);
  void start();
  void stop();

  // Does all that is due, as the thread does step by step; for tests. Throws the pg:: errors.
  void work();

 private:
  bool step(UtcTime now);  // false: nothing is due
  bool turn();             // a step that fails is logged; false: nothing is left to do for now
  void run();

  EraseRecipientsParts parts_;
  pg::Connection connection_;  // own thread only
  std::mutex mutex_;
  std::condition_variable changed_;
  bool running_ = false;  // guarded by mutex_
  bool wanted_ = false;   // guarded by mutex_
  std::thread thread_;
};

}  // namespace carillon::health
