#include "health-aggregator/app/ingest_message_log.hpp"

#include <set>

#include "health-aggregator/app/decode_event.hpp"
#include "health-aggregator/core/message_facts.hpp"
#include "health-aggregator/core/metadata_json.hpp"
#include "health-aggregator/core/status_counts.hpp"
#include "health_sql.hpp"
#include "postgres/errors.hpp"
#include "service/failpoint.hpp"
#include "service/tracing.hpp"
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

std::vector<pg::Column> log_columns() {
  using enum pg::Type;
  return {{"message_id", UUID},
          {"status", INT2},
          {"attempt", INT4},
          {"occurred_at", TIMESTAMPTZ},
          {"template_key", TEXT},
          {"template_version", INT4},
          {"channel", INT2},
          {"priority", INT2},
          {"client_id", TEXT},
          {"recipient_masked", TEXT},
          {"recipient_hash", TEXT},
          {"recipient", TEXT},
          {"provider", TEXT},
          {"provider_message_id", TEXT},
          {"round", INT4},
          {"reason", TEXT},
          {"provider_code", TEXT},
          {"detail", TEXT},
          {"latency_ms", INT4},
          {"sms_segments", INT4},
          {"extra_call", BOOL},
          {"source", TEXT},
          {"accepted_at", TIMESTAMPTZ},
          {"next_attempt_at", TIMESTAMPTZ},
          {"metadata", JSONB}};
}
constexpr std::string_view unique_violation = "23505";

void add_row(pg::CopyRows& rows, const MessageEvent& event) {
  const auto number = [&](auto value) { rows.field(static_cast<std::int64_t>(value)); };
  rows.field(event.message_id);
  number(event.status);
  number(event.attempt);
  rows.field(event.occurred_at).field(event.template_key);
  number(event.template_version);
  number(event.channel);
  number(event.priority);
  rows.field(event.client_id).field(event.recipient_masked).field(event.recipient_hash).field(event.recipient);
  rows.field(event.provider).field(event.provider_message_id);
  number(event.round);
  rows.field(event.reason).field(event.provider_code).field(event.detail);
  number(event.latency_ms);
  number(event.sms_segments);
  rows.field(event.extra_call).field(event.source).field(event.accepted_at).field(event.next_attempt_at);
  event.metadata.empty() ? rows.null() : rows.field(metadata_json(event.metadata));
  rows.end_row();
}

// From the event's publishing until it is read here.
void record_arrival(const MessageEvent& event, std::string_view traceparent, UtcTime published_at, UtcTime now) {
  tracing::Span span = tracing::child_of(traceparent, "log", tracing::Kind::CONSUMER);
  span.began = published_at;
  span.ended = std::max(published_at, now);
  span.attributes = {{"message_id", event.message_id}, {"status", events::enum_name(event.status)}};
  tracing::record(std::move(span), traceparent);
}

pg::Params ids_of(const std::set<std::string_view>& ids) {
  pg::BinaryArray wanted(pg::Type::UUID);
  for (const std::string_view id : ids) wanted.add(id);
  return std::move(pg::Params().add(std::move(wanted)));
}

// Both reads in one round trip; facts only where an event lacks them.
void read_logged(const std::vector<MessageEvent>& batch, pg::Transaction& tx, StatusCounts& counts,
                 MessageFacts& facts) {
  std::set<std::string_view> ids;
  for (const MessageEvent& event : batch) ids.insert(event.message_id);
  const pg::Params all = ids_of(ids), unknown = ids_of(facts.wanted());
  std::vector<pg::Statement> statements{{health_sql::logged_statuses, all}};
  if (!facts.wanted().empty()) statements.push_back({health_sql::logged_facts, unknown});
  const auto answers = tx.run_together(statements);
  const pg::BinaryRows& rows = answers[0];
  for (int row = 0; row < rows.size(); ++row)
    counts.logged(rows.uuid(row, 0), static_cast<Status>(rows.integer(row, 1)), static_cast<int>(rows.integer(row, 2)));
  if (answers.size() == 1) return;
  const pg::BinaryRows& known = answers[1];
  for (int row = 0; row < known.size(); ++row) {
    facts.learn(known.uuid(row, 0), {std::string(known.bytes(row, 1)), static_cast<Channel>(known.integer(row, 2))});
  }
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

IngestMessageLog::IngestMessageLog(metrics::Registry& metrics, const Clock& clock,
                                   std::chrono::days recipient_retention)
    : metrics_(metrics),
      clock_(clock),
      recipient_retention_(recipient_retention),
      lag_seconds_(metrics.gauge("carillon_health_ingest_lag_seconds",
                                 "Age of the newest message-log record when its batch was stored.")) {}

void IngestMessageLog::handle(std::span<const bus::Received> batch, pg::Transaction& tx, bus::Outbox& out) {
  rolled_back();
  const UtcTime redacted_before = clock_.now() - recipient_retention_;
  std::vector<MessageEvent> events;
  events.reserve(batch.size());
  for (const bus::Received& received : batch) {
    newest_published_at_ = std::max(newest_published_at_, received.published_at);
    auto event = decode_event<MessageEvent>(received.record);
    std::optional<Failure> failure = event ? refuse(*event) : std::optional{event.error()};
    if (failure) {
      out.dead_letter(bus::topics::message_log, received, failure->code, failure->detail, clock_.now());
    } else {
      if (!event->recipient.empty() && uuid_time(event->message_id).value_or(redacted_before) < redacted_before)
        event->recipient.clear();
      if (tracing::is_on())
        record_arrival(*event, bus::header(received.record.headers, "traceparent"), received.published_at,
                       clock_.now());
      events.push_back(std::move(*event));
    }
  }
  if (!events.empty()) insert(events, tx);
  failpoint("health.log.before_commit");
}

void IngestMessageLog::insert(std::vector<MessageEvent>& batch, pg::Transaction& tx) {
  StatusCounts counts;
  MessageFacts facts(batch);
  read_logged(batch, tx, counts, facts);
  facts.fill(batch);
  pg::CopyRows rows(log_columns());
  for (const MessageEvent& event : batch)
    if (counts.take(event)) {
      add_row(rows, event);
      note_sent(event);
    }
  if (rows.rows() == 0) return;
  try {
    tx.copy("health.message_log", rows);
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

void IngestMessageLog::note_sent(const MessageEvent& event) {
  if (event.status != Status::SENT || !event.accepted_at) return;
  const double seconds = std::chrono::duration<double>(*event.occurred_at - *event.accepted_at).count();
  sent_.push_back({event.channel, event.priority, std::max(0.0, seconds)});
}

void IngestMessageLog::committed() {
  for (const Counted& counted : counted_) counter_of(counted).add(counted.messages);
  for (const Sent& sent : sent_) delivery_of(sent).observe(sent.seconds);
  rolled_back();
  lag_seconds_.set(std::chrono::duration<double>(clock_.now() - newest_published_at_).count());
  failpoint("health.log.after_commit");
}

void IngestMessageLog::rolled_back() {
  counted_.clear();
  sent_.clear();
}

// With what no template is called as a label, whoever may send could make as many series as they like.
std::string IngestMessageLog::template_label(const Counted& counted) const {
  const bool is_known = counted.status != Status::BLOCKED_TEMPLATE_NOT_FOUND && counters_.size() < message_series_max;
  return is_known ? counted.template_key : "unknown";
}

metrics::Histogram& IngestMessageLog::delivery_of(const Sent& sent) {
  const auto known = deliveries_.find({sent.channel, sent.priority});
  if (known != deliveries_.end()) return known->second;
  const metrics::Histogram histogram = metrics_.histogram(
      "carillon_send_duration_seconds", "Time from a request's acceptance until a provider had accepted its message.",
      {{"channel", events::enum_name(sent.channel)}, {"priority", events::enum_name(sent.priority)}},
      {.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600});
  return deliveries_.emplace(std::pair{sent.channel, sent.priority}, histogram).first->second;
}

metrics::Counter& IngestMessageLog::counter_of(const Counted& counted) {
  const auto known = counters_.find({counted.channel, counted.template_key, counted.status});
  if (known != counters_.end()) return known->second;
  const LabelKey key{counted.channel, template_label(counted), counted.status};
  const metrics::Counter counter =
      metrics_.counter("carillon_messages_total", "Messages that entered a status (ATTEMPT_FAILED: attempts).",
                       {{"channel", events::enum_name(counted.channel)},
                        {"template_key", std::get<1>(key)},
                        {"status", events::enum_name(counted.status)}});
  return counters_.emplace(key, counter).first->second;
}

}  // namespace carillon::health
