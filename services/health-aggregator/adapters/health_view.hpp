// The Health page's figures as its template wants them. Pure.
#pragma once
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "health-aggregator/app/dashboard_figures.hpp"
#include "health-aggregator/app/health_figures.hpp"
#include "health-aggregator/core/health_findings.hpp"
#include "pages/page.hpp"

namespace carillon::health {

// What there is to choose from, in minutes.
inline constexpr std::array health_windows{15, 60, 240, 1'440};
inline constexpr int health_window_default = 60;
inline constexpr int chart_bucket_minutes = 15, chart_window_minutes_min = 240;

struct HealthView {
  int window_minutes = health_window_default;
  Summary summary;
  DashboardFigures figures;
  std::vector<SeriesPoint> points;  // of chart_bucket_minutes
  std::vector<events::ProviderState> providers;
  std::map<std::string, UtcTime> open_since;  // by provider
  std::int64_t dead_letters = 0;
  SpikeRule spike;
  std::string recent_rows;  // rendered
  UtcTime now{};
};

HealthFacts facts_of(const HealthView& view);
pages::Values health_values(const HealthView& view);

// One line of the table under the chart, which the chart is drawn from. A gap has no figures.
struct ChartRow {
  std::string at, clock;  // RFC 3339; "14:15"
  bool is_gap = false, is_complete = true;
  std::array<std::int64_t, figure_channels.size()> sent{};
  std::int64_t failed = 0;
  bool operator==(const ChartRow&) const = default;
};
std::vector<ChartRow> chart_rows(const std::vector<SeriesPoint>& points, UtcTime now);

}  // namespace carillon::health
