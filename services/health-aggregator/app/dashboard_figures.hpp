// What the Health page shows beside the summary: how the providers answer, what fails most, what waits, what was not
// read yet. A few small reads; throws the pg:: errors.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "events/events.hpp"
#include "health-aggregator/core/window.hpp"
#include "postgres/connection.hpp"

namespace carillon::health {

inline constexpr int top_failures_max = 8;
// The message that has waited longest is looked for among those accepted within so long, for so long at most.
inline constexpr std::chrono::hours oldest_waiting_within{24};
inline constexpr std::chrono::milliseconds oldest_waiting_patience{200};

// A refused message is an answer of a working provider.
struct ProviderCalls {
  std::int64_t accepted = 0, failed = 0, refused = 0;
  std::int64_t latency_ms = 0;  // of all accepted calls together
  std::int64_t calls() const { return accepted + failed + refused; }
  double success_rate() const {
    return calls() == 0 ? 0 : 1 - static_cast<double>(failed) / static_cast<double>(calls());
  }
};

struct FailureKind {
  std::string template_key;
  events::Status status{};
  std::string reason;
  std::int64_t messages = 0;
  UtcTime since{};  // in the window
};

struct Queue {
  std::optional<UtcTime> oldest_waiting;  // since when it waits; none: nothing does, or it was not found in time
  std::int64_t unread_records = 0;        // events the figures do not hold yet
  std::optional<UtcTime> oldest_unread;
};

struct DashboardFigures {
  std::map<std::string, ProviderCalls> calls;  // by provider
  std::vector<FailureKind> failures;           // most first
  Queue queue;
};

// `waiting`: how many messages are on their way, as the summary says.
DashboardFigures read_dashboard_figures(pg::Connection& connection, Window window, std::int64_t waiting, UtcTime now);

}  // namespace carillon::health
