// Looks at the providers every second: writes this process's call figures and reads everybody's, and asks for
// OPS_ALERT_PROVIDER_FAILOVER when a provider is in trouble (its breaker isn't closed, or our account there is refused)
// while one behind it in the chain works: once an hour and provider at most, of all instances together
// (dispatcher.alerts). One thread; throws the pg:: errors.
#pragma once
#include <map>
#include <optional>
#include <string>

#include "bus/bus.hpp"
#include "postgres/pool.hpp"
#include "provider-dispatcher/app/call_figures.hpp"
#include "provider-dispatcher/app/provider_board.hpp"
#include "time/clock.hpp"

namespace carillon::dispatcher {

inline constexpr std::chrono::hours failover_alert_interval{1};
// Minutes of calls are kept this long; last_error_at of GET /health/messaging reaches as far back.
inline constexpr std::chrono::hours provider_calls_kept{2};
inline constexpr std::chrono::minutes provider_calls_clean_interval{5};

struct FailoverWatchParts {
  const Roster& roster;
  const ProviderBoard& board;
  CallFigures& figures;
  pg::Pool& pool;
  bus::Bus& bus;
  const Clock& clock;
};

class FailoverWatch {
 public:
  explicit FailoverWatch(FailoverWatchParts parts) : parts_(parts) {}
  void look();

 private:
  void exchange_figures(pg::Connection& connection, UtcTime now);
  void look_at_chain(pg::Connection& connection, events::Channel channel, const std::vector<Breaker>& breakers,
                     UtcTime now);
  void alert(pg::Connection& connection, ProviderIndex primary, const std::string& secondary, const Breaker& breaker,
             UtcTime now);

  FailoverWatchParts parts_;
  SystemClock machine_;
  SteadyTime next_clean_at_{};
  std::map<ProviderIndex, UtcTime> in_trouble_since_;  // as this process saw it first
  std::map<ProviderIndex, UtcTime> alerted_at_;        // the table is not asked again within the hour
};

}  // namespace carillon::dispatcher
