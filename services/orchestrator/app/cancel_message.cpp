#include "orchestrator/app/cancel_message.hpp"

#include <stdexcept>

#include "orchestrator/app/alert_log.hpp"
#include "orchestrator/app/event_records.hpp"
#include "orchestrator/app/release_deferred.hpp"
#include "orchestrator/app/release_parked.hpp"
#include "orchestrator/app/scheduled_messages.hpp"
#include "orchestrator_sql.hpp"
#include "postgres/errors.hpp"
#include "service/failpoint.hpp"
#include "values/message_id.hpp"

namespace carillon::orchestrator {
namespace {

using events::MessageEvent;
using events::Status;

// An id is made right before its request is accepted by HTTP; it may borrow a few milliseconds, and clocks differ. What
// other services send on the topic is claimed when it is read, within decided_within.
constexpr std::chrono::seconds accepted_around{2};

// What is known of a message that has stopped waiting.
struct Stopped {
  MessageEvent event;
  std::string traceparent;
  bool rate_window_taken = false;
};

std::optional<pqxx::row> taken(pg::Transaction& tx, const pg::Query& query, const std::string& message_id) {
  const auto rows = tx.run(query, pg::Params().add(message_id));
  if (rows.empty()) return std::nullopt;
  return rows[0];
}

Stopped stopped_from(const Incoming& incoming, const Facts& facts, UtcTime now) {
  const auto catalog = facts.templates.catalog();
  if (!catalog) throw pg::Unavailable("templates are not loaded yet");
  DecidedMessage message = expand(incoming, *catalog, facts).front();
  message.status = Status::CANCELLED;
  return {message_event(message, now), incoming.traceparent};
}

// In the order in which a message moves on, so that one that does so meanwhile is still met.
std::optional<Stopped> stop(pg::Transaction& tx, const std::string& message_id, const Facts& facts, UtcTime now) {
  if (const auto row = taken(tx, orchestrator_sql::cancel_parked, message_id))
    return stopped_from(parked_from(*row, facts.sealer), facts, now);
  if (const auto row = taken(tx, orchestrator_sql::cancel_scheduled, message_id))
    return stopped_from(scheduled_from(*row, facts.sealer).incoming, facts, now);
  if (const auto row = taken(tx, orchestrator_sql::cancel_deferred, message_id)) {
    const DeferredMessage message = deferred_from(waiting_from(*row), facts.sealer);
    return Stopped{event_of(message, Status::CANCELLED, now), message.message.traceparent,
                   message.dispatch.rate_window_taken};
  }
  return std::nullopt;
}

void publish_cancelled(const Stopped& stopped, const std::string& actor, bus::Outbox& out, UtcTime now) {
  publish(out, stopped.event, now, stopped.traceparent);
  events::AuditEvent audit = decision_audit(stopped.event, now);
  audit.action = "MESSAGE_CANCELLED";
  audit.actor = actor;
  publish(out, audit, now, stopped.traceparent);
}

// Of a message that waits nowhere.
CancelOutcome outcome_without(pg::Transaction& tx, const CancelOrder& order, UtcTime now) {
  const auto may = [&](const std::string& source) { return !order.source || *order.source == source; };
  const auto cancelled = tx.run(orchestrator_sql::find_cancelled, pg::Params().add(order.message_id));
  if (!cancelled.empty())
    return may(cancelled[0]["source"].as<std::string>()) ? CancelOutcome::CANCELLED : CancelOutcome::UNKNOWN;
  const auto accepted_at = uuid_time(order.message_id);
  if (!accepted_at) return CancelOutcome::UNKNOWN;
  const auto rows = tx.run(orchestrator_sql::find_accepted, pg::Params()
                                                                .add(order.message_id)
                                                                .add(*accepted_at - accepted_around)
                                                                .add(*accepted_at + decided_within + accepted_around));
  for (const auto& row : rows) {
    if (!may(row["source"].as<std::string>())) continue;
    for (std::uint32_t n = 0; n < row["message_count"].as<std::uint32_t>(); ++n) {
      if (sibling_uuid(row["message_id"].as<std::string>(), n) == order.message_id)
        return now - *accepted_at < decided_within ? CancelOutcome::NOT_WAITING : CancelOutcome::ALREADY_DISPATCHED;
    }
  }
  return CancelOutcome::UNKNOWN;
}

}  // namespace

CancelOutcome CancelMessage::operator()(const CancelOrder& order) {
  const UtcTime now = clock_.now();
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  const auto stopped = stop(tx, order.message_id, facts_, now);
  if (!stopped) return outcome_without(tx, order, now);
  if (order.source && stopped->event.source != *order.source) return CancelOutcome::UNKNOWN;  // and it waits on
  if (stopped->rate_window_taken) {
    pg::Array windows;
    windows.add(order.message_id);
    tx.run(orchestrator_sql::release_rate_windows, pg::Params().add(std::move(windows)));
  }
  pg::Array ids, sources;
  ids.add(order.message_id);
  sources.add(stopped->event.source);
  tx.run(orchestrator_sql::add_cancelled, pg::Params().add(std::move(ids)).add(std::move(sources)).add(now));
  bus::Outbox out;
  publish_cancelled(*stopped, order.actor, out, now);
  AlertOutcomes alerts;
  alerts.add(stopped->event);
  alerts.store(tx);
  bus_.flush(out, tx);
  failpoint("orchestrator.cancel.before_commit");
  tx.commit();
  failpoint("orchestrator.cancel.after_commit");
  bus_.wake(out);
  return CancelOutcome::CANCELLED;
}

}  // namespace carillon::orchestrator
