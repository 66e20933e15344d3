#include "orchestrator/app/decide_requests.hpp"

#include <algorithm>
#include <set>

#include "orchestrator/app/alert_log.hpp"
#include "orchestrator/app/client_wishes.hpp"
#include "orchestrator/app/event_records.hpp"
#include "orchestrator/app/scheduled_messages.hpp"
#include "orchestrator/app/stored_files.hpp"
#include "orchestrator/app/throttle_queue.hpp"
#include "orchestrator/app/unwanted.hpp"
#include "orchestrator/core/rate_window.hpp"
#include "orchestrator/core/send_request.hpp"
#include "orchestrator_sql.hpp"
#include "postgres/errors.hpp"
#include "service/tracing.hpp"
#include "time/clock.hpp"

namespace carillon::orchestrator {
namespace {

using events::Status;

void park(std::span<const Incoming* const> requests, pg::Transaction& tx) {
  pg::Array ids, clients, versions, until, bodies, traces;
  for (const Incoming* incoming : requests) {
    const events::SendRequest& r = incoming->request;
    ids.add(r.message_id);
    clients.add(r.client_id);
    versions.add(r.min_client_version);
    until.add(*r.accepted_at + park_time_max);
    bodies.add_bytes(resting_json(*incoming));
    traces.add(incoming->traceparent);
  }
  tx.run(orchestrator_sql::park_requests, pg::Params()
                                              .add(std::move(ids))
                                              .add(std::move(clients))
                                              .add(std::move(versions))
                                              .add(std::move(until))
                                              .add(std::move(bodies))
                                              .add(std::move(traces)));
}

std::vector<std::string> hashes_of(const DecidedMessage& message) {
  if (message.recipient_hash.empty()) return {};
  std::vector<std::string> hashes = message.older_hashes;
  hashes.push_back(message.recipient_hash);
  return hashes;
}

std::vector<Wish> wishes_for(std::span<const DecidedMessage> messages, pg::Transaction& tx) {
  std::vector<WishQuestion> questions;
  questions.reserve(messages.size());
  for (const DecidedMessage& m : messages) {
    questions.push_back({m.client ? m.client->client_id : "", m.entry ? &m.entry->meta : nullptr, hashes_of(m)});
  }
  return find_wishes(questions, tx);
}

bool pins_unknown_version(std::span<const Incoming> requests, const TemplateCatalog& catalog) {
  return std::any_of(requests.begin(), requests.end(), [&catalog](const Incoming& incoming) {
    if (incoming.request.template_version == 0) return false;
    const Template* entry = catalog.find(incoming.request.template_key);
    return entry && !entry->versions.contains(incoming.request.template_version);
  });
}

Addressee addressee_of(const DecidedMessage& message) {
  Addressee addressee{message.channel(), hashes_of(message), {}};
  if (!addressee.hashes.empty() && message.entry && message.entry->meta.unsubscribable)
    addressee.unsubscribable = message.entry->meta.category;
  return addressee;
}

// Takes the windows that are free, one per template and subject; who comes second, here or before, is refused.
void take_rate_windows(std::span<DecidedMessage> messages, pg::Transaction& tx) {
  std::map<std::pair<std::string, std::string>, std::pair<RateWindow, const DecidedMessage*>> wanted;
  std::vector<DecidedMessage*> waiting;
  for (DecidedMessage& m : messages) {
    if (!m.goes_on() || is_test_send(m.incoming->request)) continue;
    const TemplateMeta& meta = m.entry->meta;
    auto window = rate_window(meta, m.incoming->request.client_id, m.recipient_hash,
                              meta.rate_limit_key_variable.empty() ? "" : m.data->text_of(meta.rate_limit_key_variable),
                              wanted_at(m.incoming->request));
    if (!window) continue;
    waiting.push_back(&m);
    wanted.try_emplace({window->template_key, window->subject}, *window, &m);
  }
  if (wanted.empty()) return;
  pg::Array keys, subjects, ids, accepted, until;
  for (const auto& [place, window] : wanted) {
    keys.add(window.first.template_key);
    subjects.add(window.first.subject);
    ids.add(window.second->id);
    accepted.add(window.first.accepted_at);
    until.add(window.first.until);
  }
  std::set<std::string> taken;
  for (const auto& row : tx.run(orchestrator_sql::take_rate_windows, pg::Params()
                                                                         .add(std::move(keys))
                                                                         .add(std::move(subjects))
                                                                         .add(std::move(ids))
                                                                         .add(std::move(accepted))
                                                                         .add(std::move(until)))) {
    taken.insert(row[0].as<std::string>());
  }
  for (DecidedMessage* m : waiting) {
    m->rate_window_taken = taken.count(m->id) > 0;
    if (!m->rate_window_taken)
      m->refuse({Status::BLOCKED_RATE_LIMITED, "RATE_WINDOW_TAKEN",
                 "one such message went out within the template's window"});
  }
}

// From the batch's begin to here.
void record_decision(const DecidedMessage& message, const events::MessageEvent& event, UtcTime began) {
  const std::string& trace = message.incoming->traceparent;
  tracing::Span span = tracing::child_of(trace, "decide", tracing::Kind::CONSUMER);
  span.began = began;
  span.ended = std::max(began, SystemClock().now());
  span.attributes = {{"message_id", event.message_id},
                     {"template_key", event.template_key},
                     {"channel", events::enum_name(event.channel)},
                     {"status", events::enum_name(event.status)}};
  tracing::record(std::move(span), trace);
}

}  // namespace

DecideRequests::DecideRequests(const Facts& facts, metrics::Registry& metrics) : facts_(facts) {
  for (int value = 1; value <= static_cast<int>(Status::CANCELLED); ++value) {
    const auto status = static_cast<Status>(value);
    decisions_[status] = metrics.counter("carillon_decisions_total", "Decisions of the orchestrator about messages",
                                         {{"status", events::enum_name(status)}});
  }
}

DecideOutcome DecideRequests::operator()(std::span<const Incoming> requests, pg::Transaction& tx, bus::Outbox& out,
                                         UtcTime now) const {
  auto catalog = facts_.templates.catalog();
  if (!catalog) throw pg::Unavailable("templates are not loaded yet");
  if (pins_unknown_version(requests, *catalog)) {  // perhaps it was written this second
    facts_.templates.refresh(tx);
    catalog = facts_.templates.catalog();
  }
  std::vector<const Incoming*> parked;
  std::vector<DecidedMessage> messages;
  messages.reserve(requests.size());
  for (const Incoming& incoming : requests) {
    if (must_park(incoming, *catalog, now)) {
      parked.push_back(&incoming);
      continue;
    }
    for (DecidedMessage& message : expand(incoming, *catalog, facts_)) messages.push_back(std::move(message));
  }
  if (!parked.empty()) park(parked, tx);
  attach_files(messages, tx, now);
  gate_all(messages, tx, now);
  for (DecidedMessage& message : messages) {
    if (message.goes_on() && message.incoming->request.expires_at && *message.incoming->request.expires_at <= now)
      message.status = Status::EXPIRED;
    if (message.goes_on()) put_off(message, now);
    if (message.goes_on()) render(message, facts_);
  }
  schedule_all(messages, tx);
  take_rate_windows(messages, tx);
  const std::size_t deferred = throttle_all(messages, tx, now);
  publish_all(messages, tx, out, now);
  return {parked.size(), deferred};
}

// Mail to our own staff doesn't depend on the client.
bool DecideRequests::must_park(const Incoming& incoming, const TemplateCatalog& catalog, UtcTime now) const {
  const events::SendRequest& r = incoming.request;
  const Template* entry = catalog.find(r.template_key);
  if (entry && entry->meta.audience != events::Audience::CLIENT) return false;
  if (incoming.parked_before || r.min_client_version == 0 || r.client_id.empty() ||
      *r.accepted_at + park_time_max <= now)
    return false;
  return facts_.clients.version_of(r.client_id) < r.min_client_version;
}

// No statement when nobody names a file.
void DecideRequests::attach_files(std::span<DecidedMessage> messages, pg::Transaction& tx, UtcTime now) const {
  std::map<std::string, UtcTime> needed_until;
  for (const DecidedMessage& m : messages) {
    const UtcTime needed = m.is_early(now) ? *m.incoming->request.send_at : now;
    for (const std::string& id : m.incoming->request.attachments) needed_until[id] = std::max(needed_until[id], needed);
  }
  if (needed_until.empty()) return;
  const StoredFiles known = find_and_keep_files(tx, needed_until, facts_.settings.attachment_retention, now);
  for (DecidedMessage& m : messages) {
    const events::SendRequest& request = m.incoming->request;
    if (request.attachments.empty()) continue;
    m.attachments.refusal = attachments_not_allowed(request, m.entry ? &m.entry->meta : nullptr, m.sensitive);
    if (!m.attachments.refusal) m.attachments = choose_files(request.attachments, request.source, known);
  }
}

// What waits for its send_at is gated when that has come: then nobody is asked now about who wants what.
void DecideRequests::gate_all(std::span<DecidedMessage> messages, pg::Transaction& tx, UtcTime now) const {
  const std::vector<Wish> wishes = wishes_for(messages, tx);
  std::vector<Addressee> addressees;
  addressees.reserve(messages.size());
  for (const DecidedMessage& message : messages)
    addressees.push_back(message.is_early(now) ? Addressee{} : addressee_of(message));
  const Unwanted unwanted = find_unwanted(addressees, tx);
  std::map<events::Channel, ProviderFacts> providers;
  for (const auto channel : {events::Channel::EMAIL, events::Channel::SMS, events::Channel::SLACK})
    providers[channel] = facts_.providers.facts(channel);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    DecidedMessage& m = messages[i];
    const GateInput input{m.incoming->request,
                          m.entry ? &m.entry->meta : nullptr,
                          m.body != nullptr,
                          m.data.get(),
                          m.client.get(),
                          m.recipient_refusal ? &*m.recipient_refusal : nullptr,
                          wishes[i].client_off,
                          unwanted.suppressed.count(i) > 0,
                          providers[m.channel()],
                          unwanted.unsubscribed.count(i) > 0,
                          m.attachments.refusal ? &*m.attachments.refusal : nullptr,
                          wishes[i].recipient_off};
    if (auto refusal = m.is_early(now) ? gate_before_waiting(input) : gate(input, now)) m.refuse(std::move(*refusal));
    if (m.incoming->unreadable)
      m.refuse({Status::BLOCKED_INVALID_REQUEST, m.incoming->unreadable->code, m.incoming->unreadable->detail});
    if (m.entry && keeps_quiet(m.entry->meta, m.priority)) m.quiet_hours = wishes[i].quiet_hours;
  }
}

void DecideRequests::put_off(DecidedMessage& message, UtcTime now) {
  message.wait = wait_of(message.incoming->request, message.quiet_hours,
                         message.client ? message.client->time_zone : std::string(), now);
  if (message.wait) message.status = Status::SCHEDULED;
}

// No statement when nothing is to wait.
void DecideRequests::schedule_all(std::span<DecidedMessage> messages, pg::Transaction& tx) const {
  std::vector<const DecidedMessage*> waiting;
  for (const DecidedMessage& m : messages) {
    if (m.status == Status::SCHEDULED) waiting.push_back(&m);
  }
  schedule(tx, waiting, facts_.sealer);
}

std::size_t DecideRequests::throttle_all(std::span<DecidedMessage> messages, pg::Transaction& tx, UtcTime now) const {
  std::size_t deferred = 0;
  for (const auto channel : {events::Channel::EMAIL, events::Channel::SMS}) {  // always in this order: two locks
    const std::int64_t limit = facts_.limits.of(channel);
    if (limit == 0) continue;
    std::vector<DecidedMessage*> going;
    for (DecidedMessage& m : messages) {
      if (m.goes_on() && m.channel() == channel) going.push_back(&m);
    }
    deferred += throttle(tx, channel, limit, going, now);
  }
  return deferred;
}

void DecideRequests::publish_all(std::span<DecidedMessage> messages, pg::Transaction& tx, bus::Outbox& out,
                                 UtcTime now) const {
  AlertOutcomes alerts;
  for (DecidedMessage& m : messages) {
    const std::string& trace = m.incoming->traceparent;
    const events::MessageEvent event = message_event(m, now);
    if (m.status == Status::QUEUED)
      out.publish(bus::topics::dispatch, dispatch_record(m.id, std::move(m.dispatch_json), now, trace));
    publish(out, event, now, trace);
    publish(out, decision_audit(event, now), now, trace);
    alerts.add(event);
    decisions_.at(m.status).add();
    if (tracing::is_on()) record_decision(m, event, now);
  }
  alerts.store(tx);
}

}  // namespace carillon::orchestrator
