// Rows of accounts that are over: sessions, links, counts of tries. Looks every hour on a thread of its own; several
// instances may do it at once.
#pragma once
#include <condition_variable>
#include <mutex>
#include <thread>

#include "postgres/connection.hpp"
#include "security/sessions.hpp"
#include "time/clock.hpp"

namespace carillon::provisioning {

// How many rows went.
int drop_old_account_rows(pg::Connection& connection, const security::SessionLimits& limits, UtcTime now);

class AccountHousekeeping {
 public:
  AccountHousekeeping(pg::ConnectionSettings connection, const Clock& clock, security::SessionLimits limits);
  ~AccountHousekeeping() { stop(); }
  void start();
  void stop();

 private:
  void run();

  pg::Connection connection_;  // own thread only
  const Clock& clock_;
  const security::SessionLimits limits_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool running_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace carillon::provisioning
