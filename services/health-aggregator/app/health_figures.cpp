#include "health-aggregator/app/health_figures.hpp"

#include <algorithm>

#include "health-aggregator/core/message_state.hpp"
#include "health_sql.hpp"

namespace carillon::health {

using events::Status;

namespace {

// A channel that is none of figure_channels (events without one) counts only in the total.
template <std::size_t N>
void add(std::array<Figures, N>& channels, Figures& total, int channel, const Figures& figures) {
  total += figures;
  const auto found = std::find(figure_channels.begin(), figure_channels.end(), static_cast<events::Channel>(channel));
  if (found != figure_channels.end()) channels[static_cast<std::size_t>(found - figure_channels.begin())] += figures;
}

}  // namespace

double Figures::failure_rate() const {
  return sent + failed == 0 ? 0 : static_cast<double>(failed) / static_cast<double>(sent + failed);
}

void Figures::count(Status status, std::int64_t messages) {
  if (status == Status::SENT) sent += messages;
  if (is_failure(status)) failed += messages;
  if (status == Status::DEFERRED_THROTTLED) throttled += messages;
}

void DeliveryFigures::count(Status status, std::int64_t messages) {
  if (status == Status::SENT) sent += messages;
  if (status == Status::DELIVERED) delivered += messages;
  if (status == Status::BOUNCED) bounced += messages;
  if (status == Status::UNDELIVERED) undelivered += messages;
  if (status == Status::COMPLAINED) complained += messages;
}

Figures& Figures::operator+=(const Figures& other) {
  sent += other.sent;
  failed += other.failed;
  throttled += other.throttled;
  return *this;
}

pg::Params window_params(const Window& window) {
  const Window hours = whole_hours(window);
  return std::move(pg::Params().add(window.from).add(hours.from).add(hours.to).add(window.to));
}

Summary read_summary(pg::Connection& connection, Window window) {
  Summary summary;
  summary.window = window;
  const auto rows = connection.run(health_sql::summary, window_params(window).add(top_entries_max));
  for (const auto& row : rows) {
    const std::string kind = row["kind"].c_str();
    if (kind == "status") {
      Figures figures;
      figures.count(static_cast<Status>(row["status"].as<int>()), row["messages"].as<std::int64_t>());
      add(summary.channels, summary.total, row["channel"].as<int>(), figures);
    } else if (kind == "provider") {
      const std::string provider = row["key"].c_str();
      if (summary.deliveries.empty() || summary.deliveries.back().provider != provider)
        summary.deliveries.push_back({provider});
      summary.deliveries.back().count(static_cast<Status>(row["status"].as<int>()), row["messages"].as<std::int64_t>());
    } else {
      auto& top = kind == "template" ? summary.top_failed_templates : summary.top_failure_reasons;
      top.push_back({row["key"].c_str(), row["messages"].as<std::int64_t>()});
    }
  }
  const auto open = connection.run(health_sql::open_messages);
  summary.waiting = open[0]["waiting"].as<std::int64_t>();
  summary.held = open[0]["held"].as<std::int64_t>();
  return summary;
}

std::vector<SeriesPoint> read_timeseries(pg::Connection& connection, const Buckets& buckets) {
  std::vector<SeriesPoint> points(static_cast<std::size_t>(buckets.count));
  for (int i = 0; i < buckets.count; ++i) points[static_cast<std::size_t>(i)].start = buckets.start_of(i);
  const auto rows = connection.run(
      health_sql::timeseries, pg::Params().add(buckets.window.from).add(buckets.window.to).add(buckets.bucket_minutes));
  for (const auto& row : rows) {
    const std::int64_t index = row["bucket"].as<std::int64_t>() - buckets.first;
    if (index < 0 || index >= buckets.count) continue;
    SeriesPoint& point = points[static_cast<std::size_t>(index)];
    add(point.channels, point.total, row["channel"].as<int>(),
        {row["sent"].as<std::int64_t>(), row["failed"].as<std::int64_t>(), row["throttled"].as<std::int64_t>()});
    point.gap = false;
  }
  return points;
}

}  // namespace carillon::health
