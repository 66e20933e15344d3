#include "health-aggregator/adapters/health_page.hpp"

#include <algorithm>

#include "bus/dead_letters.hpp"
#include "health-aggregator/adapters/health_view.hpp"
#include "health-aggregator/adapters/page_values.hpp"
#include "health-aggregator/app/find_messages.hpp"
#include "pages/access.hpp"
#include "pages/assets.hpp"

namespace carillon::health {

namespace {

constexpr const char* page_path = "/admin/notification-health";

// nullopt: none of the windows there are to choose from.
std::optional<int> window_of(const http::Request& request) {
  const auto given = request.query.find("window");
  if (given == request.query.end()) return health_window_default;
  for (const int minutes : health_windows) {
    if (given->second == std::to_string(minutes)) return minutes;
  }
  return std::nullopt;
}

std::int64_t count_letters(pg::Connection& connection) {
  std::int64_t records = 0;
  for (const bus::DeadLetters& letters : bus::count_dead_letters(connection)) records += letters.records;
  return records;
}

}  // namespace

HealthPage::HealthPage(service::Platform& platform, pg::Pool& pool, const ProviderBoard& providers,
                       pg::ConnectionSettings live, const SpikeRule& spike)
    : platform_(platform),
      pool_(pool),
      providers_(providers),
      spike_(spike),
      live_(std::move(live), platform.sealer, [&platform](const std::vector<MessageView>& messages) {
        return message_rows(messages, false, platform.clock.now());
      }) {}

void HealthPage::routes(http::Router& router) {
  router.add(http::Method::GET, "/admin/notification-health",
             pages::shown_as_page(platform_, [this](const http::Request& request) { return show(request); }),
             pages::require_session(platform_, {security::Role::ADMIN}, pages::Refusal::PAGE));
  router.add(
      http::Method::GET, "/admin/notification-health/live",
      [this](const http::Request& request) { return watch(request); },
      pages::require_session(platform_, {security::Role::ADMIN}, pages::Refusal::API));
}

http::Response HealthPage::show(const http::Request& request) {
  pages::Page page;
  page.title = "Notification Health";
  page.sentence = "What was sent, what was not, and what waits.";
  page.visitor = pages::visitor_of(request);
  page.path = page_path;
  page.wide = true;
  page.scripts = {pages::assets_path() + "/chart.min.js", pages::assets_path() + "/health.js"};
  const std::optional<int> window = window_of(request);
  if (!window) {
    page.status = 400;
    page.errors = {{"", "There are figures of 15 min, 60 min, 4 h and 24 h; these are the last 60 min."}};
  }
  HealthView view;
  view.now = platform_.clock.now();
  view.window_minutes = window.value_or(health_window_default);
  view.spike = spike_;
  auto connection = pool_.take();
  view.summary = read_summary(*connection, minutes_window(view.now, view.window_minutes));
  view.figures = read_dashboard_figures(*connection, view.summary.window, view.summary.waiting, view.now);
  const auto series = buckets(view.now, std::max(view.window_minutes, chart_window_minutes_min), chart_bucket_minutes);
  view.points = read_timeseries(*connection, *series);
  view.dead_letters = count_letters(*connection);
  view.providers = providers_.providers();
  view.open_since = providers_.open_since();
  MessageFilter newest;
  newest.limit = recent_messages;
  view.recent_rows = message_rows(find_messages(*connection, newest, platform_.sealer)->messages, false, view.now);
  return pages::render(platform_, page, page_file("health.mustache"), health_values(view));
}

http::Response HealthPage::watch(const http::Request&) {
  return http::stream_answer(live_.watch());
}

}  // namespace carillon::health
