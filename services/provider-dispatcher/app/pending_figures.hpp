// How many messages are pending, counted every few seconds at most: the count reads the whole table. Thread-safe; a
// mutex guards the figures, held for a copy only.
#pragma once
#include <chrono>
#include <mutex>
#include <optional>
#include <vector>

#include "postgres/pool.hpp"
#include "provider-dispatcher/adapters/pending_store.hpp"
#include "time/clock.hpp"

namespace carillon::dispatcher {

inline constexpr std::chrono::seconds pending_count_interval{5};

class PendingFigures {
 public:
  using Counts = std::vector<pending_store::Count>;
  PendingFigures(pg::Pool& pool, const Clock& clock) : pool_(pool), clock_(clock) {}

  // Counts when the last count is that old. For one thread's periodic pass; throws the pg:: errors.
  void renew_when_due();
  std::optional<Counts> latest() const;  // nothing before the first count
  Counts latest_or_counted();            // counts when nothing was counted yet; throws the pg:: errors

 private:
  Counts count();

  pg::Pool& pool_;
  const Clock& clock_;          // when messages are due
  SystemClock machine_;         // paces the counts
  SteadyTime next_count_at_{};  // the periodic pass's own
  mutable std::mutex mutex_;
  std::optional<Counts> counts_;  // mutex_
};

}  // namespace carillon::dispatcher
