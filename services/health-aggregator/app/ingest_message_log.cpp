#include "health-aggregator/app/ingest_message_log.hpp"

#include <array>

#include "health-aggregator/app/decode_event.hpp"
#include "health_sql.hpp"
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

// The columns of insert_message_log.sql, in its order.
pg::Params columns_of(const std::vector<MessageEvent>& batch) {
  std::array<pg::Array, 24> columns;
  for (const MessageEvent& event : batch) {
    std::size_t at = 0;
    const auto add = [&](const auto& value) { columns[at++].add(value); };
    add(event.message_id);
    add(static_cast<int>(event.status));
    add(event.attempt);
    add(event.occurred_at);
    add(event.template_key);
    add(event.template_version);
    add(static_cast<int>(event.channel));
    add(static_cast<int>(event.priority));
    add(event.client_id);
    add(event.recipient_masked);
    add(event.recipient_hash);
    add(event.recipient);
    add(event.provider);
    add(event.provider_message_id);
    add(event.round);
    add(event.reason);
    add(event.provider_code);
    add(event.detail);
    add(event.latency_ms);
    add(event.sms_segments);
    add(event.extra_call);
    add(event.source);
    add(event.accepted_at);
    add(event.next_attempt_at);
  }
  pg::Params params;
  for (pg::Array& column : columns) params.add(std::move(column));
  return params;
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
  for (const auto& row : tx.run(health_sql::insert_message_log, columns_of(batch))) {
    counted_.push_back({static_cast<Channel>(row["channel"].as<int>()), row["template_key"].c_str(),
                        static_cast<Status>(row["status"].as<int>()), row["messages"].as<double>()});
  }
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
