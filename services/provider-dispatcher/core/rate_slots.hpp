// Evenly spaced call slots of a rated provider, over all instances. Pure; the table provider_rate keeps next_slot_at in
// the database's clock.
//
// Slots are a little wider than 1/rate: `rate_used` of the rate. What that leaves is how late a call may arrive at the
// provider: with a spacing of 1/(rate·0.977), rate + 1 slots span 1/0.977 s = 1 s + 23.5 ms, so no 1-s window holds
// more than `rate` calls as long as none arrives more than that after its slot. slot_lateness_max of it is for
// beginning the call, and one that would be later gives its slot up; the rest is for its way. Slots nobody took are
// lost, never saved up.
#pragma once
#include <chrono>

#include "time/utc_time.hpp"

namespace carillon::dispatcher {

inline constexpr double rate_used = 0.977;
inline constexpr std::chrono::milliseconds slot_lateness_max{16};
// How far ahead slots are taken: what a CRITICAL message may have to wait behind.
inline constexpr std::chrono::milliseconds slot_horizon{80};
// The next slots are taken this long before they come, so that none is missed.
inline constexpr std::chrono::milliseconds slot_lead{50};

std::chrono::microseconds slot_spacing(double rate_per_second);

struct SlotPlan {
  UtcTime first{};
  int count = 0;  // slots that begin within the horizon, at most `wanted`
};
SlotPlan plan_slots(UtcTime next_slot_at, UtcTime now, double rate_per_second, int wanted);
UtcTime slot_at(const SlotPlan& plan, double rate_per_second, int index);

}  // namespace carillon::dispatcher
