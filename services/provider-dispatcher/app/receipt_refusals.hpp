// Webhook calls that were refused: counted by provider and reason, logged at most every refusal_log_pause a provider,
// and handed out for one audit entry a provider and refusal_audit_pause. Whoever forges thousands writes no more of
// them.
//
// Thread-safe; one mutex, held for a few instructions. Reasons are words of the program, so everything is bounded.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "service/metrics.hpp"
#include "time/clock.hpp"

namespace carillon::dispatcher {

inline constexpr std::chrono::seconds refusal_log_pause{10};
inline constexpr std::chrono::seconds refusal_audit_pause{60};

class ReceiptRefusals {
 public:
  using Counts = std::map<std::string, std::int64_t, std::less<>>;  // by reason
  using ByProvider = std::map<std::string, Counts, std::less<>>;

  ReceiptRefusals(metrics::Registry& metrics, const Clock& clock) : metrics_(metrics), clock_(clock) {}

  // `detail` is logged: no content of the call.
  void refused(std::string_view provider, std::string_view reason, std::string_view detail);
  // What is to be audited now; empty until a minute after the last time.
  ByProvider take_due();
  void put_back(const ByProvider& counts);  // it could not be audited

 private:
  struct OfProvider {
    Counts unaudited;
    SteadyTime log_again_at{};
    SteadyTime audit_again_at{};
    std::int64_t unlogged = 0;
  };
  metrics::Registry& metrics_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, OfProvider, std::less<>> providers_;                  // mutex_
  std::map<std::pair<std::string, std::string>, metrics::Counter> counters_;  // mutex_; by provider and reason
};

}  // namespace carillon::dispatcher
