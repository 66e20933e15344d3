#include "orchestrator/app/release_deferred.hpp"

#include <algorithm>

#include "orchestrator/app/alert_log.hpp"
#include "orchestrator/app/client_wishes.hpp"
#include "orchestrator/app/event_records.hpp"
#include "orchestrator/app/throttle_queue.hpp"
#include "orchestrator/app/unwanted.hpp"
#include "orchestrator/core/gate.hpp"
#include "orchestrator/core/send_time.hpp"
#include "orchestrator/core/throttle.hpp"
#include "orchestrator_sql.hpp"
#include "service/failpoint.hpp"
#include "values/recipient.hpp"

namespace carillon::orchestrator {
namespace {

using events::Status;

constexpr std::int64_t release_batch_max = 500;

std::vector<DeferredMessage> read_all(std::vector<WaitingMessage> messages, const Facts& facts) {
  std::vector<DeferredMessage> read;
  read.reserve(messages.size());
  for (WaitingMessage& message : messages) read.push_back(deferred_from(std::move(message), facts.sealer));
  return read;
}

// The recipient may have been noted under the key of when the message was decided, or under any other one since.
Addressee addressee_of(const DeferredMessage& waiting, const TemplateCatalog& catalog, const security::Sealer& sealer) {
  Addressee addressee{waiting.dispatch.channel, {waiting.dispatch.recipient_hash}, {}};
  if (!waiting.recipient.empty()) {
    addressee.hashes.push_back(sealer.reference(waiting.recipient));
    for (std::string& older : sealer.older_references(waiting.recipient)) addressee.hashes.push_back(std::move(older));
  }
  const Template* entry = catalog.find(waiting.dispatch.template_key);
  if (entry && entry->meta.unsubscribable) addressee.unsubscribable = entry->meta.category;
  return addressee;
}

std::vector<Wish> wishes_for(std::span<const DeferredMessage> waiting, std::span<const Addressee> addressees,
                             const TemplateCatalog& catalog, pg::Transaction& tx) {
  std::vector<WishQuestion> questions;
  questions.reserve(waiting.size());
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    const Template* entry = catalog.find(waiting[i].dispatch.template_key);
    questions.push_back({waiting[i].dispatch.client_id, entry ? &entry->meta : nullptr, addressees[i].hashes});
  }
  return find_wishes(questions, tx);
}

std::optional<UtcTime> end_of_quiet(const DeferredMessage& waiting, const Wish& wish, const Facts& facts,
                                    const TemplateCatalog& catalog, UtcTime now) {
  const Template* entry = catalog.find(waiting.dispatch.template_key);
  if (!wish.quiet_hours || !entry || !keeps_quiet(entry->meta, waiting.dispatch.priority)) return std::nullopt;
  const auto client = facts.clients.find(waiting.dispatch.client_id);
  return quiet_until(now, *wish.quiet_hours, client ? client->time_zone : std::string());
}

struct SecondLook {
  std::optional<Refusal> refusal;
  std::optional<UtcTime> quiet_until;  // of a message that is not refused
};

// What was said by a client or about a recipient while the message waited holds for it too, and so do quiet hours that
// have begun. By place in `waiting`.
std::vector<SecondLook> second_look(std::span<const DeferredMessage> waiting, const Facts& facts, pg::Transaction& tx,
                                    UtcTime now) {
  const auto catalog = facts.templates.catalog();
  std::vector<Addressee> addressees;
  addressees.reserve(waiting.size());
  for (const DeferredMessage& one : waiting) addressees.push_back(addressee_of(one, *catalog, facts.sealer));
  const Unwanted unwanted = find_unwanted(addressees, tx);
  std::vector<SecondLook> looks(waiting.size());
  for (const std::size_t i : unwanted.suppressed) looks[i].refusal = suppressed_refusal();
  for (const std::size_t i : unwanted.unsubscribed)
    looks[i].refusal = unsubscribed_refusal();  // before it in gating's order
  const std::vector<Wish> wishes = wishes_for(waiting, addressees, *catalog, tx);
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    if (wishes[i].client_off || wishes[i].recipient_off) looks[i].refusal = switched_off_refusal(wishes[i].client_off);
    if (!looks[i].refusal) looks[i].quiet_until = end_of_quiet(waiting[i], wishes[i], facts, *catalog, now);
  }
  return looks;
}

void publish_ended(DeferredMessage waiting, Refusal how, bus::Outbox& out, AlertOutcomes& alerts, UtcTime now) {
  const std::string& trace = waiting.message.traceparent;
  events::MessageEvent event = event_of(waiting, how.status, now);
  event.reason = std::move(how.reason);
  event.detail = std::move(how.detail);
  if (event.status == Status::QUEUED) {
    out.publish(bus::topics::dispatch,
                dispatch_record(event.message_id, std::move(waiting.message.dispatch_json), now, trace));
  }
  publish(out, event, now, trace);
  publish(out, decision_audit(event, now), now, trace);
  alerts.add(event);
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
  AlertOutcomes alerts;
  for (DeferredMessage& waiting : read_all(take_expired(tx, now, release_batch_max), facts))
    publish_ended(std::move(waiting), {Status::EXPIRED, "EXPIRED_WHILE_DEFERRED", ""}, out, alerts, now);
  alerts.store(tx);
  if (!out.empty()) commit_released(tx, bus, out);
}

void give_back_windows(pg::Transaction& tx, pg::Array messages) {
  if (messages.size() > 0) tx.run(orchestrator_sql::release_rate_windows, pg::Params().add(std::move(messages)));
}

// Lets at most `messages_max` go, or keep quiet; answers how many were admitted.
std::int64_t release_batch(pg::Transaction& tx, bus::Outbox& out, const Facts& facts, events::Channel channel,
                           std::int64_t messages_max, UtcTime now) {
  auto waiting = read_all(take_deferred(tx, channel, messages_max), facts);
  auto looks = second_look(waiting, facts, tx, now);
  pg::Array leaving, quiet, quiet_times, windows;
  AlertOutcomes alerts;
  std::int64_t admitted = 0;
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    const events::Dispatch& dispatch = waiting[i].dispatch;
    std::optional<Refusal>& refusal = looks[i].refusal;
    if (looks[i].quiet_until) {
      quiet.add(dispatch.message_id);
      quiet_times.add(*looks[i].quiet_until);
      continue;
    }
    leaving.add(dispatch.message_id);
    if (refusal && dispatch.rate_window_taken) windows.add(dispatch.message_id);
    if (!refusal) ++admitted;
    publish_ended(std::move(waiting[i]), refusal ? std::move(*refusal) : Refusal{Status::QUEUED, "RELEASED", ""}, out,
                  alerts, now);
  }
  remove_deferred(tx, std::move(leaving));
  hush_deferred(tx, std::move(quiet), std::move(quiet_times));
  alerts.store(tx);
  give_back_windows(tx, std::move(windows));
  return admitted;
}

void release(pg::Connection& connection, bus::Bus& bus, const Facts& facts, events::Channel channel, UtcTime now) {
  const std::int64_t limit = facts.limits.of(channel);
  pg::Transaction tx(connection);
  lock_throttle(tx, channel);
  const std::int64_t free = limit == 0 ? release_batch_max : capacity(limit, read_admitted(tx, channel, now));
  if (free == 0) return;
  wake_deferred(tx, channel, now);
  bus::Outbox out;
  count_admitted(tx, channel, release_batch(tx, out, facts, channel, std::min(free, release_batch_max), now), now);
  commit_released(tx, bus, out);
}

}  // namespace

DeferredMessage deferred_from(WaitingMessage message, const security::Sealer& sealer) {
  auto dispatch = events::from_json<events::Dispatch>(message.dispatch_json);
  if (!dispatch) throw std::logic_error("a deferred message can't be read: " + dispatch.error().detail);
  std::string recipient = dispatch->recipient;
  if (!dispatch->sealed.empty()) {
    const auto plain = sealer.open(dispatch->sealed, dispatch->message_id);
    const auto content =
        plain ? events::from_json<events::SealedContent>(*plain) : Result<events::SealedContent>(plain.error());
    if (content) recipient = content->recipient;
  }
  return {std::move(message), std::move(*dispatch), std::move(recipient)};
}

events::MessageEvent event_of(const DeferredMessage& message, Status status, UtcTime now) {
  const events::Dispatch& dispatch = message.dispatch;
  events::MessageEvent event;
  event.message_id = dispatch.message_id;
  event.status = status;
  event.occurred_at = now;
  event.template_key = dispatch.template_key;
  event.template_version = dispatch.template_version;
  event.channel = dispatch.channel;
  event.priority = dispatch.priority;
  event.client_id = dispatch.client_id;
  event.recipient_masked = masked(message.recipient);
  event.recipient_hash = dispatch.recipient_hash;
  event.recipient = dispatch.recipient;
  event.sms_segments = dispatch.sms_segments;
  event.source = dispatch.source;
  event.accepted_at = dispatch.accepted_at;
  return event;
}

bool release_deferred(pg::Connection& connection, bus::Bus& bus, const Facts& facts, UtcTime now) {
  const auto waiting = connection.run(orchestrator_sql::find_waiting_channels, pg::Params().add(now));
  if (waiting.empty()) return false;
  expire(connection, bus, facts, now);
  for (const auto& row : waiting) {
    events::Channel channel{};
    if (events::enum_from_name(row[0].as<std::string>(), channel)) release(connection, bus, facts, channel, now);
  }
  return true;
}

}  // namespace carillon::orchestrator
