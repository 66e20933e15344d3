// How the providers answer: calls, failures and latency by minute, counted in memory by this process and gathered from
// all instances in dispatcher.provider_calls. What can't be written is dropped: these are figures, not records.
//
// Thread-safe; one mutex guards all, held for a few instructions.
#pragma once
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "provider-dispatcher/app/roster.hpp"
#include "time/utc_time.hpp"

namespace carillon::dispatcher {

// GET /health/messaging tells of this many whole UTC minutes, the current one included.
inline constexpr std::chrono::minutes call_window{5};

// A failure is what counts against a provider (core/breaker.hpp): a refused message is none.
struct CallSums {
  std::int64_t calls = 0;
  std::int64_t failures = 0;
  std::int64_t latency_ms = 0;  // of all calls together
  std::int64_t latency_ms_max = 0;
  std::optional<UtcTime> last_failure_at;
  bool operator==(const CallSums&) const = default;
};

class CallFigures {
 public:
  using Minutes = std::map<std::pair<UtcTime, std::string>, CallSums>;  // by minute and provider
  using ByProvider = std::map<std::string, CallSums>;
  explicit CallFigures(const Roster& roster) : roster_(roster), account_errors_(roster.size(), false) {}

  // Calls that were settled.
  void add(std::span<const Finished> batch);
  // What was counted since the last take.
  Minutes take();
  // The provider's last answer that was ACCEPTED or ACCOUNT was ACCOUNT: our credentials or account are in trouble.
  bool account_error(ProviderIndex provider) const;

  // Over all instances, as last read.
  void put_gathered(ByProvider sums);
  ByProvider gathered() const;

 private:
  const Roster& roster_;
  mutable std::mutex mutex_;
  Minutes minutes_;                   // mutex_; at most a few: taken every second
  std::vector<bool> account_errors_;  // mutex_
  ByProvider gathered_;               // mutex_
};

}  // namespace carillon::dispatcher
