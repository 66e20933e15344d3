// A pause between tries that grows from 10 ms to 1 s, with jitter so that instances don't try in step; ends at once
// when stopping. stop() from any thread, the rest on one.
#pragma once
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <random>

namespace carillon::bus {

class RetryPause {
 public:
  bool stopped() const { return stopped_; }
  void start() { stopped_ = false; }
  void stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }
  void wait() {
    std::uniform_real_distribution<double> jitter(0.5, 1.0);
    const auto pause = std::chrono::duration_cast<std::chrono::microseconds>(next_ * jitter(random_));
    next_ = std::min(next_ * 2, longest);
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, pause, [this] { return stopped_.load(); });
  }
  void wait_for(std::chrono::milliseconds pause) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, pause, [this] { return stopped_.load(); });
  }
  void reset() { next_ = shortest; }

 private:
  static constexpr std::chrono::milliseconds shortest{10};
  static constexpr std::chrono::milliseconds longest{1'000};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> stopped_{false};
  std::chrono::milliseconds next_{shortest};
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace carillon::bus
