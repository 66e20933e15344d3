// The clock as a port. One instance per process, handed down; thread-safe.
#pragma once
#include "time/utc_time.hpp"

namespace carillon {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual UtcTime now() const = 0;        // may step when the host's clock is set
  virtual SteadyTime steady() const = 0;  // never goes back; for timeouts and leases
};

class SystemClock final : public Clock {
 public:
  UtcTime now() const override {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  }
  SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
};

}  // namespace carillon
