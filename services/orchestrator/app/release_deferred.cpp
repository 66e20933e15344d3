#include "orchestrator/app/release_deferred.hpp"

#include <algorithm>

#include "orchestrator/app/event_records.hpp"
#include "orchestrator/app/throttle_queue.hpp"
#include "orchestrator/core/throttle.hpp"
#include "orchestrator_sql.hpp"
#include "service/failpoint.hpp"
#include "values/recipient.hpp"

namespace carillon::orchestrator {
namespace {

using events::Status;

constexpr std::int64_t release_batch_max = 500;

void publish_released(WaitingMessage message, Status status, const Facts& facts, bus::Outbox& out, UtcTime now) {
  const auto dispatch = events::from_json<events::Dispatch>(message.dispatch_json);
  if (!dispatch) throw std::logic_error("a deferred message can't be read: " + dispatch.error().detail);
  std::string recipient = dispatch->recipient;
  const bool sensitive = !dispatch->sealed.empty();
  if (sensitive) {
    const auto plain = facts.sealer.open(dispatch->sealed, dispatch->message_id);
    const auto content =
        plain ? events::from_json<events::SealedContent>(*plain) : Result<events::SealedContent>(plain.error());
    if (content) recipient = content->recipient;
  }
  events::MessageEvent event;
  event.message_id = dispatch->message_id;
  event.status = status;
  event.occurred_at = now;
  event.template_key = dispatch->template_key;
  event.template_version = dispatch->template_version;
  event.channel = dispatch->channel;
  event.priority = dispatch->priority;
  event.client_id = dispatch->client_id;
  event.recipient_masked = masked(recipient);
  event.recipient_hash = dispatch->recipient_hash;
  if (!sensitive) event.recipient = recipient;
  event.reason = status == Status::EXPIRED ? "EXPIRED_WHILE_DEFERRED" : "RELEASED";
  event.sms_segments = dispatch->sms_segments;
  event.source = dispatch->source;
  event.accepted_at = dispatch->accepted_at;
  if (status == Status::QUEUED) {
    out.publish(bus::topics::dispatch,
                dispatch_record(dispatch->message_id, std::move(message.dispatch_json), now, message.traceparent));
  }
  publish(out, event, now, message.traceparent);
  publish(out, decision_audit(event, now), now, message.traceparent);
}

void commit_released(pg::Transaction& tx, bus::Bus& bus, bus::Outbox& out) {
  bus.flush(out, tx);
  failpoint("orchestrator.release.before_commit");
  tx.commit();
  failpoint("orchestrator.release.after_commit");
  bus.wake(out);
}

void expire(pg::Connection& connection, bus::Bus& bus, const Facts& facts, UtcTime now) {
  pg::Transaction tx(connection);
  bus::Outbox out;
  for (WaitingMessage& message : take_expired(tx, now, release_batch_max))
    publish_released(std::move(message), Status::EXPIRED, facts, out, now);
  if (!out.empty()) commit_released(tx, bus, out);
}

void release(pg::Connection& connection, bus::Bus& bus, const Facts& facts, events::Channel channel, UtcTime now) {
  const std::int64_t limit = facts.limits.of(channel);
  pg::Transaction tx(connection);
  lock_throttle(tx, channel);
  const std::int64_t free = limit == 0 ? release_batch_max : capacity(limit, read_admitted(tx, channel, now));
  if (free == 0) return;
  bus::Outbox out;
  std::int64_t admitted = 0;
  for (WaitingMessage& message : take_deferred(tx, channel, std::min(free, release_batch_max))) {
    publish_released(std::move(message), Status::QUEUED, facts, out, now);
    ++admitted;
  }
  count_admitted(tx, channel, admitted, now);
  if (!out.empty()) commit_released(tx, bus, out);
}

}  // namespace

bool release_deferred(pg::Connection& connection, bus::Bus& bus, const Facts& facts, UtcTime now) {
  const auto waiting = connection.run(orchestrator_sql::find_waiting_channels);
  if (waiting.empty()) return false;
  expire(connection, bus, facts, now);
  for (const auto& row : waiting) {
    events::Channel channel{};
    if (events::enum_from_name(row[0].as<std::string>(), channel)) release(connection, bus, facts, channel, now);
  }
  return true;
}

}  // namespace carillon::orchestrator
