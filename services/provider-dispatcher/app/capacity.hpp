// How many more claims this process may make for each provider, and which providers are known to have messages waiting.
// Thread-safe; one mutex guards all, held for a few instructions.
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <vector>

#include "provider-dispatcher/app/roster.hpp"
#include "provider-dispatcher/core/claim_budget.hpp"

namespace carillon::dispatcher {

class Capacity {
 public:
  explicit Capacity(const Roster& roster);

  // Takes up to `wanted` places; `reserve` more than the budget are allowed (CRITICAL). Returns how many it got.
  int take(ProviderIndex provider, int wanted, int reserve = 0);
  void give_back(ProviderIndex provider, int places);
  void observe_call(ProviderIndex provider, std::chrono::microseconds latency, SteadyTime now);
  int held(ProviderIndex provider) const;

  // Backlog: messages may be waiting for the provider. `clear` only counts when none was noted since `seen`.
  void note_backlog(ProviderIndex provider);
  bool backlog(ProviderIndex provider) const;
  std::uint64_t backlog_seen(ProviderIndex provider) const;
  void clear_backlog(ProviderIndex provider, std::uint64_t seen);
  bool any_backlog() const;

  // Waits, at most `wait`, while an unrated provider that is quick enough to catch up in that time has no place left or
  // a backlog: a batch that comes in a moment later can start at once and needs no second write. Never waits for a slow
  // one, nor again for one that has answered nothing during a whole wait: the others' messages would pay for it until
  // its next answer tells how slow it has become. False: the time was over first.
  bool wait_for_places(std::chrono::milliseconds wait);

 private:
  struct Line {
    int held = 0;
    int concurrency = 1;
    bool rated = false;
    double latency_mean_us = 0;
    bool silent = false;  // waited for in vain since its last answer
    std::uint64_t answers = 0;
    Pace pace;
    bool backlog = false;
    std::uint64_t backlog_noted = 0;
  };
  int limit(const Line& line) const;
  bool worth_waiting(const Line& line, std::chrono::milliseconds wait) const;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Line> lines_;  // mutex_
};

}  // namespace carillon::dispatcher
