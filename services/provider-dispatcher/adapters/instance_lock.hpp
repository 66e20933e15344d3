// This process's claim on being alive: a session advisory lock of its random number, on a connection of its own that
// PostgreSQL ends when it is idle for 10 s. While the lock is held nobody takes this instance's claims over.
//
// One thread beats every 2.5 s. alive() is true for 8 s after the start of the last beat that succeeded, so it turns
// false before the session can be gone. A lost session is made again with the same number.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "postgres/connection.hpp"
#include "time/clock.hpp"

namespace carillon::dispatcher {

struct LockKey {
  std::int32_t high = 0;
  std::int32_t low = 0;
};
LockKey lock_key(std::int64_t instance);
std::int64_t new_instance_number();

// Takes the instance off the list, unless claims of it are left.
void unregister(pg::Connection& connection, std::int64_t instance);

class InstanceLock {
 public:
  InstanceLock(pg::ConnectionSettings settings, std::int64_t instance, const Clock& clock);
  ~InstanceLock();
  void start();
  void stop();         // ends the session and with it the lock
  bool alive() const;  // thread-safe, does not block
  std::int64_t instance() const { return instance_; }
  bool wait_until_alive(std::chrono::milliseconds wait);

 private:
  void loop();
  void beat();
  std::int64_t instance_;
  const Clock& clock_;
  SystemClock machine_;        // PostgreSQL's session time-out runs in real time
  pg::Connection connection_;  // the thread's own
  std::uint64_t locked_epoch_ = 0;
  bool locked_ = false;
  std::atomic<std::int64_t> confirmed_ns_{0};  // steady time, 0: never
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;  // mutex_
  std::thread thread_;
};

}  // namespace carillon::dispatcher
