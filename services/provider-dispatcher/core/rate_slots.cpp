#include "provider-dispatcher/core/rate_slots.hpp"

#include <algorithm>
#include <cmath>

namespace carillon::dispatcher {

namespace {
double spacing_micros(double rate_per_second) {
  return 1e6 / (rate_per_second * rate_used);
}
}  // namespace

std::chrono::microseconds slot_spacing(double rate_per_second) {
  return std::chrono::microseconds{static_cast<std::int64_t>(std::ceil(spacing_micros(rate_per_second)))};
}

SlotPlan plan_slots(UtcTime next_slot_at, UtcTime now, double rate_per_second, int wanted) {
  SlotPlan plan;
  plan.first = std::max(next_slot_at, now);
  const auto ahead = std::chrono::duration_cast<std::chrono::microseconds>(now + slot_horizon - plan.first);
  if (ahead.count() < 0 || wanted <= 0) return plan;
  const double fitting = std::floor(static_cast<double>(ahead.count()) / spacing_micros(rate_per_second)) + 1;
  plan.count = static_cast<int>(std::min<double>(wanted, fitting));
  return plan;
}

UtcTime slot_at(const SlotPlan& plan, double rate_per_second, int index) {
  return plan.first +
         std::chrono::microseconds{static_cast<std::int64_t>(std::ceil(index * spacing_micros(rate_per_second)))};
}

}  // namespace carillon::dispatcher
