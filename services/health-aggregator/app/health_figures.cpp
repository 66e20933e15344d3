#include "health-aggregator/app/health_figures.hpp"

#include <algorithm>

#include "health-aggregator/core/message_state.hpp"
#include "health_sql.hpp"

namespace carillon::health {

using events::Status;

namespace {

// Place of a channel in figure_channels; a channel that is none (events without one) counts only in the total.
template <std::size_t N>
void count(std::array<Figures, N>& channels, Figures& total, const pqxx::row& row) {
  const auto channel = static_cast<events::Channel>(row["channel"].as<int>());
  const auto status = static_cast<Status>(row["status"].as<int>());
  const auto messages = row["messages"].as<std::int64_t>();
  total.count(status, messages);
  const auto found = std::find(figure_channels.begin(), figure_channels.end(), channel);
  if (found != figure_channels.end()) {
    channels[static_cast<std::size_t>(found - figure_channels.begin())].count(status, messages);
  }
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

Summary read_summary(pg::Connection& connection, Window window) {
  Summary summary;
  summary.window = window;
  const auto rows =
      connection.run(health_sql::summary, pg::Params().add(window.from).add(window.to).add(top_entries_max));
  for (const auto& row : rows) {
    const std::string kind = row["kind"].c_str();
    if (kind == "status") {
      count(summary.channels, summary.total, row);
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
    count(point.channels, point.total, row);
    point.gap = false;
  }
  return points;
}

}  // namespace carillon::health
