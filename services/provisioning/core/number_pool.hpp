// The pool of phone numbers that clients are given: its words and rules. Pure.
//
//   AVAILABLE ──allocate──▶ ASSIGNED ──canceled──▶ RESERVED ──30 days──▶ AVAILABLE
//
// A RESERVED number goes back to its client alone, when that comes again in time; meanwhile nobody else gets the calls
// that its customers still make.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "time/utc_time.hpp"
#include "values/result.hpp"

namespace carillon::provisioning {

enum class AllocationReason { ALLOCATED, ALREADY_ASSIGNED, POOL_EMPTY, CLIENT_NOT_FOUND, ALLOCATION_ERROR };

inline constexpr std::array<std::string_view, 5> allocation_reason_names{"ALLOCATED", "ALREADY_ASSIGNED", "POOL_EMPTY",
                                                                         "CLIENT_NOT_FOUND", "ALLOCATION_ERROR"};
inline std::string_view name(AllocationReason reason) {
  return allocation_reason_names[static_cast<std::size_t>(reason)];
}

struct Allocation {
  AllocationReason reason = AllocationReason::ALLOCATION_ERROR;
  std::string phone_e164;  // ALLOCATED, ALREADY_ASSIGNED
  bool success() const { return reason == AllocationReason::ALLOCATED || reason == AllocationReason::ALREADY_ASSIGNED; }
};

// How long a number rests after its client was canceled.
inline constexpr std::chrono::hours number_quarantine{30 * 24};
inline constexpr int pool_warning_threshold_default = 3;
inline constexpr std::size_t pool_numbers_max = 1'000;  // that come at once

// What came of a list of numbers that are to join the pool.
struct PoolNumbers {
  std::vector<std::string> valid;  // E.164, each once, in the order given
  struct Refused {
    std::size_t position;  // in the list, from 1
    std::string detail;    // without the number
  };
  std::vector<Refused> refused;
  std::size_t repeated = 0;  // given more than once
};
// Blanks around a number are forgiven, within it they are not. `own_number` is the platform's, which clients can't
// have.
PoolNumbers read_pool_numbers(const std::vector<std::string>& texts, std::string_view own_number);

struct PoolCounts {
  std::int64_t available = 0, reserved = 0, assigned = 0;
  std::int64_t total() const { return available + reserved + assigned; }
};

inline bool is_healthy(const PoolCounts& counts, int threshold) {
  return counts.available >= threshold;
}

enum class PoolAlarm { NONE, RAISE, CLEAR };
// Once until it recovers. A pool that never had a number, and which nobody waits for, is not in use: no alarm.
PoolAlarm pool_alarm(const PoolCounts& counts, std::int64_t waiting, int threshold, bool raised);

}  // namespace carillon::provisioning
