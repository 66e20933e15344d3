#include "provider-dispatcher/adapters/instance_lock.hpp"

#include <cstring>
#include <limits>

#include "dispatcher_sql.hpp"
#include "security/digest.hpp"
#include "service/log.hpp"
#include "service/thread_name.hpp"

namespace carillon::dispatcher {

namespace {
constexpr std::chrono::milliseconds beat_pause{2'500};
constexpr std::chrono::milliseconds beat_pause_unlocked{500};
constexpr std::chrono::milliseconds session_idle_max{10'000};
constexpr std::chrono::milliseconds beat_valid{8'000};
constexpr std::chrono::milliseconds beat_statement_max{3'000};

pg::ConnectionSettings with_limits(pg::ConnectionSettings settings) {
  settings.idle_session_timeout = session_idle_max;
  settings.statement_timeout = beat_statement_max;
  return settings;
}
}  // namespace

LockKey lock_key(std::int64_t instance) {
  return {static_cast<std::int32_t>(instance >> 32), static_cast<std::int32_t>(static_cast<std::uint32_t>(instance))};
}

std::int64_t new_instance_number() {
  const std::string bytes = security::random_bytes(sizeof(std::int64_t));
  std::int64_t number = 0;
  std::memcpy(&number, bytes.data(), sizeof number);
  return number & std::numeric_limits<std::int64_t>::max();
}

void unregister(pg::Connection& connection, std::int64_t instance) {
  connection.run(dispatcher_sql::unregister_instance, pg::Params{}.add(instance));
}

InstanceLock::InstanceLock(pg::ConnectionSettings settings, std::int64_t instance, const Clock& clock)
    : instance_(instance), clock_(clock), connection_(with_limits(std::move(settings))) {}

InstanceLock::~InstanceLock() {
  stop();
}

void InstanceLock::start() {
  thread_ = std::thread([this] { loop(); });
}

void InstanceLock::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
  confirmed_ns_ = 0;
  connection_.close();
}

bool InstanceLock::alive() const {
  const std::int64_t confirmed = confirmed_ns_.load();
  if (confirmed == 0) return false;
  return machine_.steady().time_since_epoch() < std::chrono::nanoseconds{confirmed} + beat_valid;
}

bool InstanceLock::wait_until_alive(std::chrono::milliseconds wait) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, wait, [this] { return alive(); });
}

void InstanceLock::loop() {
  name_this_thread("instance-lock");
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    try {
      beat();
    } catch (const std::exception& e) {
      locked_ = false;
      log::warn("dispatcher_instance_lock_lost", {{"error", e.what()}});
    }
    lock.lock();
    changed_.notify_all();
    changed_.wait_for(lock, locked_ ? beat_pause : beat_pause_unlocked, [this] { return stopping_; });
  }
}

void InstanceLock::beat() {
  const auto begun = machine_.steady().time_since_epoch();
  if (locked_) {
    connection_.run("SELECT 1");
    locked_ = connection_.epoch() == locked_epoch_;
  }
  if (!locked_) {
    const LockKey key = lock_key(instance_);
    const auto got = connection_.run(dispatcher_sql::try_instance_lock, pg::Params{}.add(key.high).add(key.low));
    if (!got[0][0].as<bool>()) return;  // a takeover, or our lost session, still holds it
    locked_epoch_ = connection_.epoch();
    // Listed before the first claim, so that others look at it when it dies.
    connection_.run(dispatcher_sql::register_instance, pg::Params{}.add(instance_).add(clock_.now()));
    if (connection_.epoch() != locked_epoch_) return;
    locked_ = true;
  }
  confirmed_ns_ = std::chrono::duration_cast<std::chrono::nanoseconds>(begun).count();
}

}  // namespace carillon::dispatcher
