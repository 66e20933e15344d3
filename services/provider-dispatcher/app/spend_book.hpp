// What this month's calls have cost so far, for the limits: the sums of dispatcher.spend, read every second, and what
// this process has settled since. Thread-safe; one mutex guards the sums, held for a few instructions; limit_reached()
// takes none.
//
// Over all instances a limit may therefore be passed by what all of them send in one second and the calls that run at
// that moment. Before the first reading after a start no limit counts as reached.
#pragma once
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "provider-dispatcher/app/roster.hpp"
#include "provider-dispatcher/core/spend.hpp"

namespace carillon::dispatcher {

struct SpendSettings {
  PriceList prices;
  std::map<std::string, MicroUsd> limits;  // of each month, by provider; without an entry there is none
};

class SpendBook {
 public:
  using Units = std::map<std::string, std::int64_t>;  // by provider
  SpendBook(const Roster& roster, SpendSettings settings);

  const PriceList& prices() const { return settings_.prices; }
  const std::map<std::string, MicroUsd>& limits() const { return settings_.limits; }

  // Units whose settling is committed. Units of a month before the book's are left to the next reading.
  void add(const Units& units, UtcTime at);
  // One reading: begin, the statement, renew. What is added in between counts on top of it, perhaps twice until the
  // next one. One thread.
  void begin_reading();
  void renew(Month month, const Units& units);

  bool limit_reached(ProviderIndex provider) const { return reached_[provider].load(std::memory_order_relaxed); }
  std::vector<bool> limits_reached() const;

  // Providers of the roster that have a limit.
  struct Standing {
    std::string provider;
    MicroUsd spent;
    MicroUsd limit;
  };
  std::vector<Standing> standings() const;
  MicroUsd spent(ProviderIndex provider) const;

 private:
  struct Line {
    std::int64_t read = 0;    // by the last reading
    std::int64_t added = 0;   // since that reading began
    std::int64_t recent = 0;  // since the reading that runs now began
  };
  MicroUsd spent_of(ProviderIndex provider) const;  // holding mutex_
  void look_at_limits();                            // holding mutex_

  const Roster& roster_;
  const SpendSettings settings_;
  mutable std::mutex mutex_;
  Month month_{std::chrono::year{1970} / std::chrono::January};  // mutex_
  std::vector<Line> lines_;                                      // mutex_
  std::unique_ptr<std::atomic<bool>[]> reached_;
};

}  // namespace carillon::dispatcher
