#include "health-aggregator/adapters/http_health.hpp"

#include <cmath>

#include "health-aggregator/adapters/http_answers.hpp"
#include "health-aggregator/app/find_audit_rows.hpp"
#include "health-aggregator/app/find_messages.hpp"
#include "health-aggregator/app/health_figures.hpp"
#include "health-aggregator/core/list_filter.hpp"

namespace carillon::health {

namespace {

constexpr int recent_limit_default = 100;
constexpr double rate_places = 10'000;  // four decimal places

void write_figures(JsonWriter& json, const Figures& figures) {
  json.member("sent", figures.sent).member("failed", figures.failed);
  json.member("failure_rate", std::round(figures.failure_rate() * rate_places) / rate_places);
  json.member("throttled_count", figures.throttled);
}

template <class Channels>
void write_channels(JsonWriter& json, const Channels& channels) {
  json.key("channels").begin_object();
  for (std::size_t i = 0; i < figure_channels.size(); ++i) {
    json.key(events::enum_name(figure_channels[i])).begin_object();
    write_figures(json, channels[i]);
    json.end_object();
  }
  json.end_object();
}

void write_top(JsonWriter& json, std::string_view name, std::string_view key, const std::vector<TopEntry>& entries) {
  json.key(name).begin_array();
  for (const TopEntry& entry : entries) {
    json.begin_object().member(key, entry.key).member("count", entry.count).end_object();
  }
  json.end_array();
}

void write_deliveries(JsonWriter& json, const std::vector<DeliveryFigures>& deliveries) {
  json.key("deliveries").begin_array();
  for (const DeliveryFigures& of : deliveries) {
    json.begin_object().member("provider", of.provider).member("sent", of.sent).member("delivered", of.delivered);
    json.member("bounced", of.bounced).member("undelivered", of.undelivered).member("complained", of.complained);
    json.end_object();
  }
  json.end_array();
}

void write_provider(JsonWriter& json, const events::ProviderState& provider) {
  json.begin_object();
  json.member("provider", provider.provider).member("channel", events::enum_name(provider.channel));
  json.member("channel_enabled", provider.channel_enabled).member("configured", provider.configured);
  json.member("position", provider.position).member("breaker", provider.breaker);
  json.member("consecutive_failures", provider.consecutive_failures).member("last_error", provider.last_error);
  json.member("observed_at", provider.observed_at);
  json.end_object();
}

void write_audit(JsonWriter& json, const AuditRow& row) {
  const events::AuditEvent& event = row.event;
  json.begin_object();
  json.member("partition", row.partition).member("chain_seq", row.chain_seq);
  json.member("event_id", event.event_id).member("occurred_at", event.occurred_at);
  json.member("action", event.action).member("actor", event.actor);
  json.member("subject_kind", event.subject_kind).member("subject_id", event.subject_id);
  json.member("client_id", event.client_id).member("outcome", event.outcome).member("reason", event.reason);
  json.key("details").begin_object();
  for (const auto& [name, text] : event.details) json.member(name, text);
  json.end_object().end_object();
}

}  // namespace

HttpHealth::HttpHealth(service::Platform& platform, pg::Pool& pool, const ProviderBoard& providers)
    : platform_(platform), pool_(pool), providers_(providers) {}

void HttpHealth::add_to(http::Router& router) {
  const http::Guard admin = service::require_scope(platform_, "admin");
  const auto answer = [this](http::Response (HttpHealth::*with)(const http::Request&)) {
    return [this, with](const http::Request& request) { return (this->*with)(request); };
  };
  router.add(http::Method::GET, "/api/admin/notification-health/summary", answer(&HttpHealth::summary), admin);
  router.add(http::Method::GET, "/api/admin/notification-health/timeseries", answer(&HttpHealth::timeseries), admin);
  router.add(http::Method::GET, "/api/admin/notification-health/recent", answer(&HttpHealth::recent), admin);
  router.add(http::Method::GET, "/api/admin/audit-logs", answer(&HttpHealth::audit_logs), admin);
}

http::Response HttpHealth::summary(const http::Request& request) {
  if (auto failure = refuse_unknown(request.query, {"window_minutes"})) return bad_request(*failure);
  auto minutes = whole_number(request.query, "window_minutes", 60, 1, summary_window_minutes_max);
  if (!minutes) return bad_request(minutes.error());
  const Summary summary = read_summary(*pool_.take(), minutes_window(platform_.clock.now(), *minutes));
  JsonWriter json;
  json.begin_object().member("window_minutes", *minutes);
  json.member("from", summary.window.from).member("to", summary.window.to);
  write_channels(json, summary.channels);
  write_figures(json, summary.total);
  json.member("waiting", summary.waiting).member("held", summary.held);
  write_top(json, "top_failed_templates", "template_key", summary.top_failed_templates);
  write_top(json, "top_failure_reasons", "reason", summary.top_failure_reasons);
  write_deliveries(json, summary.deliveries);
  json.key("providers").begin_array();
  for (const events::ProviderState& provider : providers_.providers()) write_provider(json, provider);
  json.end_array().end_object();
  return http::json(200, json.text());
}

http::Response HttpHealth::timeseries(const http::Request& request) {
  if (auto failure = refuse_unknown(request.query, {"window_minutes", "bucket_minutes"})) return bad_request(*failure);
  auto window_minutes = whole_number(request.query, "window_minutes", 240, 1, series_window_minutes_max);
  if (!window_minutes) return bad_request(window_minutes.error());
  auto bucket_minutes = whole_number(request.query, "bucket_minutes", 15, 1, series_bucket_minutes_max);
  if (!bucket_minutes) return bad_request(bucket_minutes.error());
  const UtcTime now = platform_.clock.now();
  auto series = buckets(now, *window_minutes, *bucket_minutes);
  if (!series) return bad_request(series.error());
  JsonWriter json;
  json.begin_object().member("window_minutes", *window_minutes).member("bucket_minutes", *bucket_minutes);
  json.member("from", series->window.from).member("to", series->window.to);
  json.key("points").begin_array();
  for (const SeriesPoint& point : read_timeseries(*pool_.take(), *series)) {
    json.begin_object().member("start", point.start).member("gap", point.gap);
    json.member("complete", point.start + std::chrono::minutes{*bucket_minutes} <= now);
    write_figures(json, point.total);
    write_channels(json, point.channels);
    json.end_object();
  }
  json.end_array().end_object();
  return http::json(200, json.text());
}

http::Response HttpHealth::recent(const http::Request& request) {
  if (auto failure = refuse_unknown(request.query, {"limit"})) return bad_request(*failure);
  auto limit = whole_number(request.query, "limit", recent_limit_default, 1, page_limit_max);
  if (!limit) return bad_request(limit.error());
  MessageFilter newest;
  newest.limit = *limit;
  auto page = find_messages(*pool_.take(), newest, platform_.sealer);
  if (!page) return bad_request(page.error());
  JsonWriter json;
  json.begin_object().key("items").begin_array();
  for (const MessageView& message : page->messages) write_message(json, message);
  json.end_array().end_object();
  return http::json(200, json.text());
}

http::Response HttpHealth::audit_logs(const http::Request& request) {
  auto filter = read_audit_filter(request.query);
  if (!filter) return bad_request(filter.error());
  auto page = find_audit_rows(*pool_.take(), *filter);
  if (!page) return bad_request(page.error());
  JsonWriter json;
  json.begin_object().key("items").begin_array();
  for (const AuditRow& row : page->rows) write_audit(json, row);
  json.end_array().member("next_cursor", page->next_cursor).end_object();
  return http::json(200, json.text());
}

}  // namespace carillon::health
