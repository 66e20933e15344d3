#include "provider-dispatcher/core/claim_budget.hpp"

#include <algorithm>
#include <cmath>

namespace carillon::dispatcher {

namespace {
constexpr std::chrono::duration<double> pace_window{0.05};
constexpr std::chrono::duration<double> pace_memory{0.5};
}  // namespace

int claims_max(int concurrency, double calls_per_second) {
  const double ahead = calls_per_second * std::chrono::duration<double>(claim_ahead_time).count();
  const int bounded = static_cast<int>(std::min<double>(ahead, claims_ahead_max));
  return concurrency + std::max(concurrency, bounded);
}

void Pace::one_call(std::chrono::steady_clock::time_point now) {
  ++calls_;
  const std::chrono::duration<double> window = now - window_began_;
  if (window < pace_window) return;
  const double weight = 1 - std::exp(-window / pace_memory);
  per_second_ += (calls_ / window.count() - per_second_) * weight;
  window_began_ = now;
  calls_ = 0;
}

}  // namespace carillon::dispatcher
