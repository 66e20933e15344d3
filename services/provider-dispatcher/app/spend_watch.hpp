// Looks at the month's spend every second: reads the sums into the SpendBook, and asks for OPS_ALERT_SPEND_LIMIT once
// per provider, month, limit and threshold. Of several instances one asks (dispatcher.alerts). One thread; throws the
// pg:: errors.
#pragma once
#include <array>
#include <set>
#include <string>

#include "bus/bus.hpp"
#include "postgres/pool.hpp"
#include "provider-dispatcher/app/spend_book.hpp"
#include "time/clock.hpp"

namespace carillon::dispatcher {

inline constexpr std::array<int, 2> spend_thresholds_percent{80, 100};
// Days of spend older than this are removed, and what is remembered of alerts.
inline constexpr std::chrono::days spend_kept{800};
inline constexpr std::chrono::days alerts_kept{62};
inline constexpr std::chrono::hours spend_clean_interval{1};

class SpendWatch {
 public:
  SpendWatch(SpendBook& book, pg::Pool& pool, bus::Bus& bus, const Clock& clock)
      : book_(book), pool_(pool), bus_(bus), clock_(clock) {}
  void look();

 private:
  void alert(pg::Connection& connection, const SpendBook::Standing& standing, int percent, UtcTime now);
  void clean(pg::Connection& connection, UtcTime now);

  SpendBook& book_;
  pg::Pool& pool_;
  bus::Bus& bus_;
  const Clock& clock_;
  SystemClock machine_;
  SteadyTime next_clean_at_{};
  Month month_{std::chrono::year{1970} / std::chrono::January};
  std::set<std::string> asked_;  // of this month; the table is not asked again
};

}  // namespace carillon::dispatcher
