#include "health-aggregator/app/ingest_message_log.hpp"

#include <set>

#include "health-aggregator/app/decode_event.hpp"
#include "health-aggregator/core/status_counts.hpp"
#include "health_sql.hpp"
#include "postgres/errors.hpp"
#include "service/failpoint.hpp"
#include "values/message_id.hpp"

namespace carillon::health {

using events::Channel;
using events::MessageEvent;
using events::Status;

namespace {

std::optional<Failure> refuse(const MessageEvent& event) {
  if (!is_uuid(event.message_id)) return Failure{"INVALID_FIELD", "message_id: must be a UUID in canonical form"};
  if (event.status == Status::STATUS_UNSPECIFIED) return Failure{"INVALID_FIELD", "status: is required"};
  if (!event.occurred_at) return Failure{"INVALID_FIELD", "occurred_at: is required"};
  if (event.attempt < 0) return Failure{"INVALID_FIELD", "attempt: must not be negative"};
  return std::nullopt;
}

constexpr const char* log_columns =
    "message_id, status, attempt, occurred_at, template_key, template_version, channel, priority, client_id, "
    "recipient_masked, "
    "recipient_hash, recipient, provider, provider_message_id, round, reason, provider_code, detail, latency_ms, "
    "sms_segments, "
    "extra_call, source, accepted_at, next_attempt_at";
constexpr std::string_view unique_violation = "23505";

void add_time(pg::CopyRows& rows, const std::optional<UtcTime>& time) {
  if (time) {
    rows.field(*time);
  } else {
    rows.null();
  }
}

// In the order of log_columns.
void add_row(pg::CopyRows& rows, const MessageEvent& event) {
  const auto number = [&](auto value) { rows.field(static_cast<std::int64_t>(value)); };
  rows.field(event.message_id);
  number(event.status);
  number(event.attempt);
  add_time(rows, event.occurred_at);
  rows.field(event.template_key);
  number(event.template_version);
  number(event.channel);
  number(event.priority);
  rows.field(event.client_id).field(event.recipient_masked).field(event.recipient_hash).field(event.recipient);
  rows.field(event.provider).field(event.provider_message_id);
  number(event.round);
  rows.field(event.reason).field(event.provider_code).field(event.detail);
  number(event.latency_ms);
  number(event.sms_segments);
  rows.field(event.extra_call ? "t" : "f").field(event.source);
  add_time(rows, event.accepted_at);
  add_time(rows, event.next_attempt_at);
  rows.end_row();
}

void read_logged(const std::vector<MessageEvent>& batch, pg::Transaction& tx, StatusCounts& counts) {
  std::set<std::string_view> ids;
  for (const MessageEvent& event : batch) ids.insert(event.message_id);
  pg::Array wanted;
  for (const std::string_view id : ids) wanted.add(id);
  for (const auto& row : tx.run(health_sql::logged_statuses, pg::Params().add(std::move(wanted))))
    counts.logged(row[0].c_str(), static_cast<Status>(row[1].as<int>()), row[2].as<int>());
}

void add_minutes(const StatusCounts& counts, pg::Transaction& tx) {
  pg::Array minutes, channels, templates, statuses, providers, reasons, messages, latencies;
  for (const auto& [key, count] : counts.minutes()) {
    minutes.add(std::get<0>(key));
    channels.add(std::get<1>(key));
    templates.add(std::get<2>(key));
    statuses.add(std::get<3>(key));
    providers.add(std::get<4>(key));
    reasons.add(std::get<5>(key));
    messages.add(count.messages);
    latencies.add(count.latency_ms_sum);
  }
  if (minutes.size() == 0) return;
  pg::Params params;
  for (pg::Array* column : {&minutes, &channels, &templates, &statuses, &providers, &reasons, &messages, &latencies})
    params.add(std::move(*column));
  tx.run(health_sql::add_minute_counts, params);
}

void change_open(const StatusCounts& counts, pg::Transaction& tx) {
  pg::Array channels, waiting, held;
  for (const auto& [channel, change] : counts.open_changes()) {
    channels.add(channel);
    waiting.add(change.waiting);
    held.add(change.held);
  }
  if (channels.size() == 0) return;
  tx.run(health_sql::change_open_messages,
         pg::Params().add(std::move(channels)).add(std::move(waiting)).add(std::move(held)));
}

}  // namespace

IngestMessageLog::IngestMessageLog(metrics::Registry& metrics, const Clock& clock)
    : metrics_(metrics),
      clock_(clock),
      lag_seconds_(metrics.gauge("carillon_health_ingest_lag_seconds",
                                 "Age of the newest message-log record when its batch was stored.")) {}

void IngestMessageLog::handle(std::span<const bus::Received> batch, pg::Transaction& tx, bus::Outbox& out) {
  counted_.clear();
  std::vector<MessageEvent> events;
  events.reserve(batch.size());
  for (const bus::Received& received : batch) {
    newest_published_at_ = std::max(newest_published_at_, received.published_at);
    auto event = decode_event<MessageEvent>(received.record);
    std::optional<Failure> failure = event ? refuse(*event) : std::optional{event.error()};
    if (failure) {
      out.dead_letter(bus::topics::message_log, received, failure->code, failure->detail, clock_.now());
    } else {
      events.push_back(std::move(*event));
    }
  }
  if (!events.empty()) insert(events, tx);
  failpoint("health.log.before_commit");
}

void IngestMessageLog::insert(const std::vector<MessageEvent>& batch, pg::Transaction& tx) {
  StatusCounts counts;
  read_logged(batch, tx, counts);
  pg::CopyRows rows;
  for (const MessageEvent& event : batch)
    if (counts.take(event)) add_row(rows, event);
  if (rows.rows() == 0) return;
  try {
    tx.copy("health.message_log", log_columns, rows.text());
  } catch (const pg::StatementError& error) {
    // Another instance has logged the same events meanwhile: our lease is gone. Trying again finds its rows.
    if (error.sqlstate == unique_violation) throw pg::Conflict("the events were logged by another writer");
    throw;
  }
  add_minutes(counts, tx);
  change_open(counts, tx);
  for (const auto& [key, count] : counts.minutes())
    counted_.push_back({static_cast<Channel>(std::get<1>(key)), std::get<2>(key), static_cast<Status>(std::get<3>(key)),
                        static_cast<double>(count.messages)});
}

void IngestMessageLog::committed() {
  for (const Counted& counted : counted_) counter_of(counted).add(counted.messages);
  counted_.clear();
  lag_seconds_.set(std::chrono::duration<double>(clock_.now() - newest_published_at_).count());
  failpoint("health.log.after_commit");
}

void IngestMessageLog::rolled_back() {
  counted_.clear();
}

metrics::Counter& IngestMessageLog::counter_of(const Counted& counted) {
  const LabelKey key{counted.channel, counted.template_key, counted.status};
  const auto known = counters_.find(key);
  if (known != counters_.end()) return known->second;
  const metrics::Counter counter =
      metrics_.counter("carillon_messages_total", "Messages that entered a status (ATTEMPT_FAILED: attempts).",
                       {{"channel", events::enum_name(counted.channel)},
                        {"template_key", counted.template_key},
                        {"status", events::enum_name(counted.status)}});
  return counters_.emplace(key, counter).first->second;
}

}  // namespace carillon::health
