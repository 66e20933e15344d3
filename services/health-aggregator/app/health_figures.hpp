// The figures of the health dashboard, read from the counts of minutes and hours: quick whatever the size of the
// message log.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "events/events.hpp"
#include "health-aggregator/core/window.hpp"
#include "postgres/connection.hpp"
#include "postgres/params.hpp"

namespace carillon::health {

inline constexpr std::array figure_channels{events::Channel::EMAIL, events::Channel::SMS, events::Channel::SLACK};
inline constexpr int top_entries_max = 10;

// failed = FAILED, BOUNCED, UNDELIVERED; a message that was SENT and then BOUNCED counts in both.
struct Figures {
  std::int64_t sent = 0;
  std::int64_t failed = 0;
  std::int64_t throttled = 0;
  double failure_rate() const;  // failed / (sent + failed); 0 when nothing happened
  void count(events::Status status, std::int64_t messages);
  Figures& operator+=(const Figures& other);
};

// What the function health.window_counts takes.
pg::Params window_params(const Window& window);

struct TopEntry {
  std::string key;
  std::int64_t count;
};

// What became of a provider's messages, each counted in the minute it entered the state; so of messages SENT shortly
// before the window only the receipts count.
struct DeliveryFigures {
  std::string provider;
  std::int64_t sent = 0, delivered = 0, bounced = 0, undelivered = 0, complained = 0;
  void count(events::Status status, std::int64_t messages);
};

struct Summary {
  Window window;
  std::array<Figures, figure_channels.size()> channels;  // in the order of figure_channels
  Figures total;
  std::vector<TopEntry> top_failed_templates, top_failure_reasons;
  std::vector<DeliveryFigures> deliveries;  // by provider
  std::int64_t waiting = 0;                 // messages on their way now, whatever the window
  std::int64_t held = 0;                    // UNCONFIRMED now, waiting for a decision
};
Summary read_summary(pg::Connection& connection, Window window);

struct SeriesPoint {
  UtcTime start;
  std::array<Figures, figure_channels.size()> channels;
  Figures total;
  bool gap = true;  // nothing at all was logged in this bucket
};
std::vector<SeriesPoint> read_timeseries(pg::Connection& connection, const Buckets& buckets);

}  // namespace carillon::health
