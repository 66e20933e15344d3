// Webhook calls that were refused: counted by reason, logged at most every refusal_log_pause, and handed out for one
// audit entry a reason and refusal_audit_pause. Whoever forges thousands writes no more of them.
//
// Thread-safe; one mutex, held for a few instructions. Reasons are words of the program, so everything is bounded.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "service/metrics.hpp"
#include "time/clock.hpp"

namespace carillon::billing {

inline constexpr std::chrono::seconds refusal_log_pause{10};
inline constexpr std::chrono::seconds refusal_audit_pause{60};

class WebhookRefusals {
 public:
  using Counts = std::map<std::string, std::int64_t>;  // by reason

  // `due` is called when there is something to audit at once; it must not block.
  WebhookRefusals(metrics::Registry& metrics, const Clock& clock, std::function<void()> due)
      : metrics_(metrics), clock_(clock), due_(std::move(due)) {}

  void refused(std::string_view reason);
  // What is to be audited now; a reason comes again a minute later at the earliest.
  Counts take_due();
  void put_back(const Counts& counts);  // it could not be audited

 private:
  struct OfReason {
    std::int64_t unaudited = 0, unlogged = 0;
    SteadyTime log_again_at{}, audit_again_at{};
    metrics::Counter counter{};
  };
  metrics::Registry& metrics_;
  const Clock& clock_;
  const std::function<void()> due_;
  std::mutex mutex_;
  std::map<std::string, OfReason, std::less<>> reasons_;  // guarded by mutex_
};

}  // namespace carillon::billing
