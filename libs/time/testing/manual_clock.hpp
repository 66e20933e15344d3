// A clock that moves only when a test says so. Thread-safe.
#pragma once
#include <atomic>
#include <chrono>

#include "time/clock.hpp"

namespace carillon::testing {

class ManualClock final : public Clock {
 public:
  explicit ManualClock(UtcTime start = from_unix_micros(1'790'000'000'000'000)) : micros_(unix_micros(start)) {}
  UtcTime now() const override { return from_unix_micros(micros_.load()); }
  SteadyTime steady() const override { return SteadyTime{std::chrono::microseconds{micros_.load()}}; }
  void advance(std::chrono::microseconds by) { micros_ += by.count(); }

 private:
  std::atomic<std::int64_t> micros_;
};

}  // namespace carillon::testing
