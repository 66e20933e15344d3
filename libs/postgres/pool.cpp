#include "postgres/pool.hpp"

#include "postgres/errors.hpp"

namespace carillon::pg {

Pool::Pool(ConnectionSettings settings, std::size_t size_max) : settings_(std::move(settings)), size_max_(size_max) {}

Pool::Lease::~Lease() {
  if (connection_) pool_->give_back(std::move(connection_));
}

Pool::Lease Pool::take(std::chrono::milliseconds wait) {
  std::unique_lock lock(mutex_);
  const auto available = [this] { return !idle_.empty() || made_ < size_max_; };
  if (!freed_.wait_for(lock, wait, available)) throw Unavailable("connection pool exhausted");
  if (idle_.empty()) {
    auto made = std::make_unique<Connection>(settings_);  // connects on first use, outside the lock
    ++made_;
    return Lease(*this, std::move(made));
  }
  std::unique_ptr<Connection> connection = std::move(idle_.back());  // the one used last is most likely still warm
  idle_.pop_back();
  return Lease(*this, std::move(connection));
}

void Pool::give_back(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(connection));
  freed_.notify_one();
}

}  // namespace carillon::pg
