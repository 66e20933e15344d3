#include "health-aggregator/adapters/health_view.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "health-aggregator/adapters/page_values.hpp"
#include "pages/times.hpp"

namespace carillon::health {

using events::Channel;
using events::ProviderState;
using pages::Values;

namespace {

// A message that failed in the window was accepted at most so long before it began.
constexpr std::chrono::hours accepted_before_failing{24};
constexpr std::array role_names{"primary", "secondary", "tertiary"};

std::string window_words(int minutes) {
  return minutes < 120 ? fmt::format("{} min", minutes) : fmt::format("{} h", minutes / 60);
}

bool is_usable(const ProviderState& provider) {
  return provider.configured && provider.channel_enabled && provider.position >= 0;
}

std::optional<std::chrono::seconds> age(std::optional<UtcTime> since, UtcTime now) {
  if (!since) return std::nullopt;
  return std::max(std::chrono::floor<std::chrono::seconds>(now - *since), std::chrono::seconds{0});
}

// "e-mail 11,902 · SMS 578": channels of which there is something.
std::string by_channel(const Summary& summary, std::int64_t Figures::*figure) {
  std::string text;
  for (std::size_t i = 0; i < figure_channels.size(); ++i) {
    const std::int64_t count = summary.channels[i].*figure;
    if (count == 0) continue;
    text += (text.empty() ? "" : " · ") + channel_words(figure_channels[i]) + " " + number_text(count);
  }
  return text;
}

Values windows_of(const HealthView& view) {
  Values list = list_values();
  for (const int minutes : health_windows) {
    Values one = object_values();
    one["minutes"] = std::to_string(minutes);
    one["label"] = window_words(minutes);
    if (minutes == view.window_minutes) one["here"] = Values{true};
    list << one;
  }
  return list;
}

void add_findings(Values& values, const HealthView& view) {
  const std::vector<Finding> findings = health_findings(facts_of(view));
  values["tone"] = class_of(findings.front().tone);
  values["sentence"] = findings.front().text;
  Values more = list_values();
  for (std::size_t i = 1; i < findings.size(); ++i) more << Values{findings[i].text};
  if (findings.size() > 1) {
    values["has_more"] = Values{true};
    values["more"] = std::move(more);
  }
}

void add_totals(Values& values, const HealthView& view) {
  const Summary& summary = view.summary;
  values["sent"] = number_text(summary.total.sent);
  values["sent_by_channel"] = by_channel(summary, &Figures::sent);
  values["failed"] = number_text(summary.total.failed);
  values["failed_by_channel"] = by_channel(summary, &Figures::failed);
  if (summary.total.failed > 0) values["some_failed"] = Values{true};
  values["failure_rate"] = percent_text(summary.total.failure_rate());
  values["waiting"] = number_text(summary.waiting);
  values["throttled"] = number_text(summary.total.throttled);
  values["held"] = number_text(summary.held);
  if (summary.held > 0) values["some_held"] = Values{true};
}

// State in a shape and a word, and where the messages go meanwhile.
void add_breaker(Values& one, const ProviderFacts& provider, const std::vector<ProviderFacts>& all, bool was_called) {
  if (!provider.is_usable) {
    one["tone"] = "off";
    one["state"] = "not configured";
  } else if (provider.breaker == "OPEN") {
    const std::string next = stand_in_for(all, provider);
    one["tone"] = "warn";
    one["state"] = "open" + (provider.open_for ? " " + pages::span_text(*provider.open_for) : std::string());
    if (!next.empty()) one["next"] = next;
  } else if (provider.breaker == "HALF_OPEN") {
    one["tone"] = "warn";
    one["state"] = "trying again";
  } else {
    const bool works = was_called || provider.position == 0;
    one["tone"] = works ? "good" : "idle";
    one["state"] = works ? "closed" : "standby";
  }
}

Values provider_values(const HealthView& view, const ProviderState& state, const ProviderFacts& facts,
                       const std::vector<ProviderFacts>& all) {
  Values one = object_values();
  one["name"] = state.provider;
  if (facts.is_usable)
    one["role"] = role_names[std::min<std::size_t>(static_cast<std::size_t>(state.position), role_names.size() - 1)];
  const auto calls = view.figures.calls.find(state.provider);
  const bool was_called = calls != view.figures.calls.end() && calls->second.calls() > 0;
  add_breaker(one, facts, all, was_called);
  if (was_called) {
    one["rate"] = percent_text(calls->second.success_rate());
    if (calls->second.accepted > 0)
      one["latency"] = fmt::format("{} ms", calls->second.latency_ms / calls->second.accepted);
  }
  if (facts.is_usable && !state.last_error.empty() && facts.breaker != "CLOSED") one["last_error"] = state.last_error;
  return one;
}

Values channels_of(const HealthView& view) {
  const std::vector<ProviderFacts> facts = facts_of(view).providers;
  Values channels = list_values();
  for (const Channel channel : figure_channels) {
    Values list = list_values();
    bool any = false;
    for (std::size_t i = 0; i < facts.size(); ++i) {
      if (facts[i].channel != channel) continue;
      list << provider_values(view, view.providers[i], facts[i], facts);
      any = true;
    }
    if (!any) continue;
    Values one = object_values();
    one["channel"] = channel_words(channel);
    one["providers"] = std::move(list);
    channels << one;
  }
  return channels;
}

Values failures_of(const HealthView& view) {
  Values list = list_values();
  for (const FailureKind& kind : view.figures.failures) {
    Values one = object_values();
    one["template"] = kind.template_key.empty() ? "(unknown)" : kind.template_key;
    one["status"] = status_words(kind.status);
    one["reason"] = kind.reason.empty() ? "–" : reason_words(kind.reason);
    one["count"] = number_text(kind.messages);
    one["since"] = pages::time_tag(kind.since, view.now);
    one["path"] =
        link_to("/admin/messages", {{"template_key", kind.template_key},
                                    {"status", events::enum_name(kind.status)},
                                    {"from", to_rfc3339(view.summary.window.from - accepted_before_failing)}});
    list << one;
  }
  return list;
}

void add_chart(Values& values, const HealthView& view) {
  const std::vector<ChartRow> rows = chart_rows(view.points, view.now);
  const bool slack = std::any_of(rows.begin(), rows.end(), [](const ChartRow& row) { return row.sent[2] > 0; });
  if (slack) values["slack"] = Values{true};
  Values list = list_values();
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    Values one = object_values();
    one["at"] = row->at;
    one["clock"] = row->clock;
    if (!row->is_complete) one["so_far"] = Values{true};
    if (row->is_gap) {
      one["gap"] = Values{true};
    } else {
      one["email"] = std::to_string(row->sent[0]);
      one["sms"] = std::to_string(row->sent[1]);
      one["slack_sent"] = std::to_string(row->sent[2]);
      one["failed"] = std::to_string(row->failed);
    }
    if (slack) one["slack"] = Values{true};
    list << one;
  }
  values["rows"] = std::move(list);
  values["chart_hours"] = std::to_string(static_cast<int>(rows.size()) * chart_bucket_minutes / 60);
}

void add_queue(Values& values, const HealthView& view) {
  const Queue& queue = view.figures.queue;
  const auto oldest = age(queue.oldest_waiting, view.now);
  values["oldest_waiting"] = view.summary.waiting == 0 ? "nothing waits"
                             : oldest                  ? pages::span_text(*oldest)
                                                       : "not known";
  values["unread"] = number_text(queue.unread_records);
  values["dead_letters"] = number_text(view.dead_letters);
}

}  // namespace

HealthFacts facts_of(const HealthView& view) {
  HealthFacts facts;
  facts.window = std::chrono::minutes{view.window_minutes};
  facts.sent = view.summary.total.sent;
  facts.failed = view.summary.total.failed;
  facts.throttled = view.summary.total.throttled;
  facts.waiting = view.summary.waiting;
  facts.held = view.summary.held;
  facts.dead_letters = view.dead_letters;
  facts.spike = view.spike;
  facts.oldest_waiting = age(view.figures.queue.oldest_waiting, view.now);
  facts.unread_for = age(view.figures.queue.oldest_unread, view.now);
  for (const ProviderState& state : view.providers) {
    const auto since = view.open_since.find(state.provider);
    facts.providers.push_back({state.provider, state.channel, is_usable(state), state.position, state.breaker,
                               since == view.open_since.end() ? std::nullopt : age(since->second, view.now)});
  }
  if (!view.figures.failures.empty()) {
    const FailureKind& most = view.figures.failures.front();
    facts.most_failures = most.template_key + (most.reason.empty() ? "" : " with " + most.reason);
  }
  return facts;
}

std::vector<ChartRow> chart_rows(const std::vector<SeriesPoint>& points, UtcTime now) {
  constexpr std::size_t clock_at = 11, clock_chars = 5;
  std::vector<ChartRow> rows;
  for (const SeriesPoint& point : points) {
    ChartRow row;
    row.at = to_rfc3339(point.start);
    row.clock = row.at.substr(clock_at, clock_chars);
    row.is_gap = point.gap;
    row.is_complete = point.start + std::chrono::minutes{chart_bucket_minutes} <= now;
    for (std::size_t i = 0; i < figure_channels.size(); ++i) row.sent[i] = point.channels[i].sent;
    row.failed = point.total.failed;
    rows.push_back(std::move(row));
  }
  return rows;
}

Values health_values(const HealthView& view) {
  Values values = object_values();
  values["windows"] = windows_of(view);
  values["window_words"] = window_words(view.window_minutes);
  add_findings(values, view);
  add_totals(values, view);
  add_chart(values, view);
  values["channels"] = channels_of(view);
  values["failures"] = failures_of(view);
  if (view.figures.failures.empty()) values["no_failures"] = Values{true};
  add_queue(values, view);
  values["recent"] = view.recent_rows;
  if (view.recent_rows.find("<tr") == std::string::npos) values["nothing_recent"] = Values{true};
  return values;
}

}  // namespace carillon::health
