// How many claims of one provider a process may hold: those its connections are busy with, and what it makes in
// claim_ahead_time at its present pace, so that connections don't idle during a commit. A claim whose process dies
// becomes UNCONFIRMED, called or not; so a quiet process holds few, and a busy one no more than the commits in progress
// cover. Pure.
#pragma once
#include <chrono>

namespace carillon::dispatcher {

inline constexpr std::chrono::milliseconds claim_ahead_time{60};
inline constexpr int claims_ahead_max = 1'000;
// CRITICAL messages may exceed the budget by this many: they wait for the next free connection, not for a claim.
inline constexpr int critical_claims_reserve = 64;

// At least one more claim per connection, so that each has a next message.
int claims_max(int concurrency, double calls_per_second);

// Calls per second over about the last half second.
class Pace {
 public:
  void one_call(std::chrono::steady_clock::time_point now);
  double per_second() const { return per_second_; }

 private:
  std::chrono::steady_clock::time_point window_began_{};
  int calls_ = 0;
  double per_second_ = 0;
};

}  // namespace carillon::dispatcher
