#include "provisioning/app/account_housekeeping.hpp"

#include "provisioning/app/login_attempts.hpp"
#include "security/accounts.hpp"
#include "service/log.hpp"
#include "service/thread_name.hpp"

namespace carillon::provisioning {
namespace {

constexpr std::chrono::hours interval{1};
// A link that is over is told apart from one that never was for this long.
constexpr std::chrono::hours links_kept_for{30 * 24};
constexpr int drop_rows_max = 10'000;  // in one statement
constexpr int drops_max = 50;          // of one table at a turn

template <class Drop>
int all_of(Drop drop) {
  int dropped = 0;
  for (int times = 0; times < drops_max; ++times) {
    const int now = drop();
    dropped += now;
    if (now < drop_rows_max) break;
  }
  return dropped;
}

}  // namespace

int drop_old_account_rows(pg::Connection& connection, const security::SessionLimits& limits, UtcTime now) {
  return all_of([&] { return security::drop_old_sessions(connection, limits, now, drop_rows_max); }) +
         all_of([&] { return security::drop_old_password_links(connection, now - links_kept_for, drop_rows_max); }) +
         all_of([&] { return drop_old_tries(connection, now, drop_rows_max); });
}

AccountHousekeeping::AccountHousekeeping(pg::ConnectionSettings connection, const Clock& clock,
                                         security::SessionLimits limits)
    : connection_(std::move(connection)), clock_(clock), limits_(limits) {}

void AccountHousekeeping::start() {
  const std::lock_guard lock(mutex_);
  if (running_) return;
  running_ = true;
  thread_ = std::thread([this] { run(); });
}

void AccountHousekeeping::stop() {
  {
    const std::lock_guard lock(mutex_);
    running_ = false;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void AccountHousekeeping::run() {
  name_this_thread("account-tidy");
  std::unique_lock lock(mutex_);
  while (running_) {
    lock.unlock();
    try {
      drop_old_account_rows(connection_, limits_, clock_.now());
    } catch (const std::exception& error) {
      log::warn("ACCOUNT_HOUSEKEEPING_FAILED", {{"error", error.what()}});
    }
    lock.lock();
    changed_.wait_for(lock, interval, [this] { return !running_; });
  }
}

}  // namespace carillon::provisioning
