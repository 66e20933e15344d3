// Decisions follow the time that the test sets; leases and pauses, which go by steady time, go on by themselves.
// Thread-safe.
#pragma once
#include <atomic>

#include "time/clock.hpp"

namespace carillon::testing {

class DecisionClock final : public Clock {
 public:
  explicit DecisionClock(std::int64_t unix_micros = 1'790'000'000'000'000) : micros_(unix_micros) {}
  UtcTime now() const override {
    const auto passed = runs_ ? std::chrono::steady_clock::now() - began_ : std::chrono::steady_clock::duration{};
    return from_unix_micros(micros_.load()) + std::chrono::floor<std::chrono::microseconds>(passed);
  }
  SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
  void advance(std::chrono::microseconds by) { micros_ += by.count(); }
  void run() { runs_ = true; }  // from now on time passes by itself too

 private:
  std::atomic<std::int64_t> micros_;
  std::atomic<bool> runs_{false};
  const SteadyTime began_ = std::chrono::steady_clock::now();
};

}  // namespace carillon::testing
