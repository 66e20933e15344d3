#include "health-aggregator/app/erase_recipients.hpp"

#include <algorithm>

#include "events/cloud_events.hpp"
#include "health-aggregator/app/health_events.hpp"
#include "health-aggregator/core/page_cursor.hpp"
#include "health_sql.hpp"
#include "service/log.hpp"
#include "service/thread_name.hpp"
#include "values/message_id.hpp"

namespace carillon::health {

namespace {

events::AuditEvent audit_of(const char* action, std::string actor, std::string recipient_hash,
                            const std::string& erasure_id) {
  events::AuditEvent audit;
  audit.action = action;
  audit.actor = std::move(actor);
  audit.subject_kind = "recipient";
  audit.subject_id = std::move(recipient_hash);
  audit.details = {{"erasure_id", erasure_id}};
  return audit;
}

void publish_order(bus::Outbox& out, const ErasureOrder& order, const std::string& recipient_hash, UtcTime now,
                   std::string_view traceparent) {
  events::Feedback feedback;
  feedback.kind = events::FeedbackKind::ERASE;
  feedback.channel = order.channel;
  feedback.recipient_hash = recipient_hash;
  feedback.reason = order.reason;
  feedback.occurred_at = now;
  out.publish(
      bus::topics::feedback,
      {recipient_hash, events::binary_headers("carillon.feedback.v1", event_source, new_uuid(now), now, traceparent),
       events::to_json(feedback)});
}

// What stands in the rows instead of the reference: the same for all of one erasure, and nobody's reference.
std::string tag_of(std::string erasure_id) {
  std::erase(erasure_id, '-');
  return erasure_id;
}

}  // namespace

EraseRecipients::EraseRecipients(EraseRecipientsParts parts)
    : parts_(std::move(parts)), connection_(parts_.connection) {}

RequestedErasure EraseRecipients::request(const ErasureOrder& order, const std::string& actor,
                                          std::string_view traceparent) {
  const UtcTime now = parts_.clock.now();
  std::vector<std::string> references{parts_.sealer.reference(order.recipient)};
  for (std::string& older : parts_.sealer.older_references(order.recipient)) references.push_back(std::move(older));
  const RequestedErasure requested{new_uuid(now), references.front(), now};
  bus::Outbox out;
  pg::Array hashes;
  for (const std::string& reference : references) {
    hashes.add(reference);
    publish_order(out, order, reference, now, traceparent);
  }
  events::AuditEvent audit =
      audit_of("RECIPIENT_ERASURE_REQUESTED", actor, requested.recipient_hash, requested.erasure_id);
  audit.outcome = "REQUESTED";
  audit.reason = order.reason;
  audit.details["channel"] = events::enum_name(order.channel);
  publish_audit(out, std::move(audit), now, traceparent);
  {
    auto connection = parts_.pool.take();
    pg::Transaction tx(*connection);
    tx.run(health_sql::add_erasure, pg::Params().add(requested.erasure_id).add(std::move(hashes)).add(now));
    parts_.bus.commit(out, tx);
  }
  parts_.bus.wake(out);
  {
    const std::lock_guard lock(mutex_);
    wanted_ = true;
  }
  changed_.notify_all();
  return requested;
}

bool EraseRecipients::step(UtcTime now) {
  pg::Transaction tx(connection_);
  const auto due = tx.run(health_sql::take_erasure, pg::Params().add(now));
  if (due.empty()) return false;
  const std::string id = due[0]["erasure_id"].c_str(), hashes = due[0]["recipient_hashes"].c_str();
  const UtcTime requested_at = pg::to_utc(due[0]["requested_at"].c_str());
  const auto lasts = parts_.bus_retention + erasure_slack;
  const auto erase = [&](bool late) {
    pg::Params params;
    params.add("{" + hashes + "}").add(tag_of(id));
    late ? params.add(least_message_id(requested_at - lasts)) : params.add_null();
    params.add(least_message_id(requested_at + std::chrono::milliseconds{1}));
    return tx.run(health_sql::erase_recipient, params.add(erasure_step_messages))[0][0].as<std::int64_t>();
  };
  std::int64_t erased = erase(false);
  const std::int64_t late = erased > 0 ? 0 : erase(true);
  const bool first_time = pg::to_utc(due[0]["due_at"].c_str()) == requested_at;
  if (erased + late > 0) {
    tx.run(health_sql::put_erasure, pg::Params().add(id).add(erased).add_null());
    tx.commit();
    return true;
  }
  bus::Outbox out;
  if (first_time) {
    events::AuditEvent audit =
        audit_of("RECIPIENT_ERASED", std::string(event_source), hashes.substr(0, hashes.find(',')), id);
    audit.outcome = "ERASED";
    audit.details["messages"] = due[0]["messages"].c_str();
    publish_audit(out, std::move(audit), now);
  }
  if (now >= requested_at + lasts) {
    tx.run(health_sql::remove_erasure, pg::Params().add(id));
  } else {
    tx.run(health_sql::put_erasure, pg::Params().add(id).add(0).add(now + erasure_repeat_interval));
  }
  parts_.bus.commit(out, tx);
  parts_.bus.wake(out);
  return true;
}

void EraseRecipients::work() {
  while (step(parts_.clock.now())) {
  }
}

void EraseRecipients::start() {
  const std::lock_guard lock(mutex_);
  if (running_) return;
  running_ = true;
  thread_ = std::thread([this] { run(); });
}

void EraseRecipients::stop() {
  {
    const std::lock_guard lock(mutex_);
    running_ = false;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void EraseRecipients::run() {
  name_this_thread("health-erase");
  std::unique_lock lock(mutex_);
  while (running_) {
    wanted_ = false;
    lock.unlock();
    const bool goes_on = turn();
    lock.lock();
    if (goes_on) continue;
    changed_.wait_for(lock, erasure_look_interval, [this] { return !running_ || wanted_; });
  }
}

bool EraseRecipients::turn() {
  try {
    if (step(parts_.clock.now())) return true;
  } catch (const std::exception& error) {
    log::warn("RECIPIENT_ERASURE_FAILED", {{"error", error.what()}});
  }
  connection_.close();  // there is seldom something to do
  return false;
}

}  // namespace carillon::health
