#include "billing-ingest/app/decide_events.hpp"

#include "billing-ingest/app/billing_records.hpp"
#include "billing-ingest/core/retry_pause.hpp"
#include "billing_sql.hpp"
#include "service/failpoint.hpp"
#include "service/log.hpp"

namespace carillon::billing {
namespace {

using Taken = DecideEvents::Taken;

constexpr const char* actor = "stripe";

std::vector<Taken> take(pg::Transaction& tx, int events_max, UtcTime now) {
  std::vector<Taken> all;
  for (const auto& row : tx.run(billing_sql::take_due_events, pg::Params().add(now).add(events_max)))
    all.push_back({row[0].c_str(), row[1].as<int>(), pg::to_utc(row[2].c_str()), row[3].c_str()});
  return all;
}

bool tells_the_same(const Subscription& a, const Subscription& b) {
  return a.subscription_id == b.subscription_id && a.status == b.status && a.plan == b.plan &&
         a.period_end == b.period_end;
}

events::BillingEvent describe(const Subscription& of, const StripeEvent& event, events::BillingKind kind) {
  events::BillingEvent out;
  out.client_id = of.client_id;
  out.kind = kind;
  out.event_id = event.head.id;
  out.customer_id = of.customer_id;
  out.subscription_id = of.subscription_id;
  out.plan = of.plan;
  out.subscription_status = of.status;
  out.email = of.email;
  out.name = of.name;
  out.occurred_at = event.head.created;
  out.current_period_end = of.period_end;
  return out;
}

}  // namespace

std::vector<std::string> settle(pg::Transaction& tx, const std::vector<Settled>& all, UtcTime now) {
  if (all.empty()) return {};
  pg::Array ids, statuses, reasons, attempts, due, clients, customers, subscriptions;
  for (const Settled& one : all) {
    ids.add(one.event_id);
    statuses.add(one.status);
    reasons.add(one.reason);
    attempts.add(one.attempts);
    due.add(one.due_at);
    clients.add(one.client_id);
    customers.add(one.customer_id);
    subscriptions.add(one.subscription_id);
  }
  pg::Params params;
  params.add(std::move(ids)).add(std::move(statuses)).add(std::move(reasons)).add(std::move(attempts));
  params.add(std::move(due)).add(std::move(clients)).add(std::move(customers)).add(std::move(subscriptions)).add(now);
  std::vector<std::string> to_report;
  for (const auto& row : tx.run(billing_sql::settle_events, params))
    if (!row[1].is_null() && row[1].as<bool>()) to_report.emplace_back(row[0].c_str());
  return to_report;
}

struct DecideEvents::Batch {
  UtcTime now{};
  SubscriptionBook book{};
  bus::Outbox out{};
  std::vector<Settled> settled{};
  std::vector<events::BillingEvent> changes{};
  struct Dead {
    EventHead head;
    Failure failure;
    int attempts = 1;
  };
  std::map<std::string, Dead> dead{};
  std::set<std::string> owned_subscriptions{}, owned_customers{};  // of which a client became known
  std::vector<std::pair<std::string, std::string>> counted{};      // type and status
};

DecideEvents::DecideEvents(bus::Bus& bus, const ClientDirectory& clients, const BillingSettings& settings,
                           metrics::Registry& metrics)
    : bus_(bus), clients_(clients), settings_(settings), metrics_(metrics) {}

void DecideEvents::operator()(pg::Connection& connection, int events_max, UtcTime now, Outcome& outcome) {
  Batch batch;
  batch.now = now;
  pg::Transaction tx(connection);
  outcome.had_lease = tx.run(billing_sql::take_lease)[0][0].as<bool>();
  if (!outcome.had_lease) return;
  const std::vector<Taken> taken = take(tx, events_max, now);
  for (const Taken& one : taken) outcome.ids.push_back(one.id);
  if (taken.empty()) return;
  std::vector<Result<StripeEvent>> read;
  std::vector<StripeEvent> readable;
  for (const Taken& one : taken) {
    read.push_back(read_event(one.payload));
    if (read.back()) readable.push_back(*read.back());
  }
  batch.book.load(tx, readable);
  for (std::size_t i = 0; i < taken.size(); ++i) {
    if (read[i]) {
      decide(batch, taken[i], *read[i]);
    } else {
      const auto head = read_head(taken[i].payload);
      make_dead(batch, {taken[i].id, "PENDING", "", taken[i].attempts, now},
                head ? *head : EventHead{taken[i].id, "unknown", {}}, read[i].error());
    }
  }
  batch.book.store(tx, now);
  failpoint("billing.decide.stored");
  publish_changes(batch, tx);
  bus_.commit(batch.out, tx);
  failpoint("billing.decide.committed");
  bus_.wake(batch.out);
  for (const auto& [type, status] : batch.counted) count(type, status);
}

void DecideEvents::decide(Batch& batch, const Taken& taken, const StripeEvent& event) {
  Known known = batch.book.known(event);
  known.named_client_exists = !event.named_client.empty() && clients_.find(event.named_client).has_value();
  const std::string owner = owner_id(event, known);
  known.owner_exists = owner.empty() || clients_.find(owner).has_value();
  known.is_live = settings_.is_configured() && !settings_.is_test_mode();
  const Decision decision = decide_event(event, known, settings_.prices);
  Settled settled{taken.id, name(decision.verdict), decision.reason, taken.attempts, batch.now};
  settled.customer_id = event.customer_id;
  settled.subscription_id = event.subscription_id;
  settled.client_id = decision.changed     ? decision.changed->client_id
                      : known.subscription ? known.subscription->client_id
                                           : known.client_of_customer;
  if (decision.reason == unknown_client && batch.now - taken.received_at < new_client_patience) {
    settled.status = "PENDING";
    settled.due_at = batch.now + new_client_pause;
    batch.settled.push_back(std::move(settled));
    return;
  }
  // Somebody has paid: their client may still come, else an admin has to hear of it.
  if (decision.reason == unknown_client && event.kind == EventKind::CHECKOUT)
    return wait_for_client(batch, std::move(settled), event.head);
  if (decision.changed) apply(batch, event, decision);
  if (!decision.alarm.empty()) tell_of_money(batch, event, decision.alarm, owner);
  AuditFacts audit{"STRIPE_EVENT_" + settled.status,
                   actor,
                   "stripe_event",
                   event.head.id,
                   settled.client_id,
                   settled.status,
                   decision.reason};
  audit.details = {{"type", event.head.type}, {"created", to_rfc3339(event.head.created)}};
  if (!event.subscription_id.empty()) audit.details["subscription"] = event.subscription_id;
  if (decision.changed) audit.details["status"] = decision.changed->status;
  if (decision.changed && !decision.changed->plan.empty()) audit.details["plan"] = decision.changed->plan;
  publish_audit(batch.out, std::move(audit), batch.now);
  batch.counted.emplace_back(event.kind == EventKind::OTHER ? "other" : event.head.type, settled.status);
  batch.settled.push_back(std::move(settled));
}

void DecideEvents::apply(Batch& batch, const StripeEvent& event, const Decision& decision) {
  const Subscription& after = *decision.changed;
  const Subscription effective_before = batch.book.effective_of(after.client_id);
  const Subscription* const known = batch.book.known(event).subscription;
  const std::string status_before = known == nullptr ? std::string{} : known->status;
  if (known == nullptr) {
    batch.owned_subscriptions.insert(after.subscription_id);
    if (!after.customer_id.empty()) batch.owned_customers.insert(after.customer_id);
  }
  batch.book.put(after);
  const Subscription effective_after = batch.book.effective_of(after.client_id);
  if (decision.checkout_paid) {
    batch.changes.push_back(describe(effective_after, event, events::BillingKind::CHECKOUT_PAID));
  } else if (!tells_the_same(effective_before, effective_after)) {
    // What was never paid for is not canceled by its end: a client that pays by other means stays so.
    const bool was_paid =
        after.checkout_paid || (status_before != "incomplete" && after.status != "incomplete_expired");
    const bool ends = !has_ended(status_before) && has_ended(after.status);
    const bool over = ends && was_paid && standing(effective_after.status) <= standing("incomplete");
    batch.changes.push_back(
        describe(effective_after, event,
                 over ? events::BillingKind::SUBSCRIPTION_CANCELED : events::BillingKind::SUBSCRIPTION_UPDATED));
  }
  if (decision.mail != Mail::NONE) {
    const std::string page = settings_.public_url.empty() ? std::string{} : settings_.public_url + "/billing";
    publish_mail(batch.out, event, decision, after, clients_.find(after.client_id), page, batch.now);
  }
}

// By the mail about events that need a person, once an event.
void DecideEvents::tell_of_money(Batch& batch, const StripeEvent& event, const std::string& alarm,
                                 const std::string& owner) {
  const std::string what =
      alarm == second_subscription
          ? "client " + owner + " pays for two subscriptions; cancel one of them in Stripe and pay back"
      : alarm == client_gone ? "client " + owner + " was removed here and still pays; cancel its subscription in Stripe"
                             : "a paid checkout names client " + event.named_client +
                                   ", whose subscription is another customer's; cancel one of the two in Stripe";
  log::warn("STRIPE_MONEY_ASTRAY", {{"event_id", event.head.id}, {"client_id", owner}, {"reason", alarm}});
  publish_money_alert(batch.out, event.head, alarm, what, batch.now);
}

// On the schedule of failures.
void DecideEvents::wait_for_client(Batch& batch, Settled settled, const EventHead& head) {
  const auto pause = retry_pause(settled.attempts + 1, settings_.attempts_max);
  if (!pause)
    return make_dead(batch, std::move(settled), head, {unknown_client, "the checkout names a client that is not here"});
  ++settled.attempts;
  settled.status = "PENDING";
  settled.due_at = batch.now + *pause;
  batch.settled.push_back(std::move(settled));
  batch.counted.emplace_back(head.type, "FAILED");
}

void DecideEvents::make_dead(Batch& batch, Settled settled, const EventHead& head, const Failure& failure) {
  settled.status = "DEAD";
  settled.reason = failure.code + ": " + failure.detail;
  ++settled.attempts;
  batch.dead.emplace(settled.event_id, Batch::Dead{head, failure, settled.attempts});
  batch.settled.push_back(std::move(settled));
  batch.counted.emplace_back(kind_of(head.type) == EventKind::OTHER ? "other" : head.type, "DEAD");
}

// Versions are given when everything else is known; what was refused for want of an owner is taken up again.
void DecideEvents::publish_changes(Batch& batch, pg::Transaction& tx) {
  for (const std::string& id : settle(tx, batch.settled, batch.now)) {
    const auto& [head, failure, attempts] = batch.dead.at(id);
    publish_failure_alert(batch.out, head, failure.code + ": " + failure.detail, attempts, batch.now);
  }
  for (const auto& [id, each] : batch.dead) {
    log::error("STRIPE_EVENT_DEAD", {{"event_id", id}, {"type", each.head.type}, {"reason", each.failure.detail}});
    publish_audit(batch.out,
                  {"STRIPE_EVENT_DEAD",
                   actor,
                   "stripe_event",
                   id,
                   "",
                   "DEAD",
                   each.failure.code,
                   {{"type", each.head.type}, {"detail", each.failure.detail}}},
                  batch.now);
  }
  if (!batch.owned_subscriptions.empty()) {
    pg::Array subscriptions, customers;
    for (const std::string& each : batch.owned_subscriptions) subscriptions.add(each);
    for (const std::string& each : batch.owned_customers) customers.add(each);
    tx.run(billing_sql::take_up_ownerless_events,
           pg::Params().add(std::move(subscriptions)).add(std::move(customers)).add(batch.now));
  }
  if (batch.changes.empty()) return;
  std::map<std::string, std::int64_t> counts, versions;
  for (const auto& change : batch.changes) ++counts[change.client_id];
  pg::Array clients, numbers;
  for (const auto& [client, number] : counts) {
    clients.add(client);
    numbers.add(number);
  }
  for (const auto& row :
       tx.run(billing_sql::raise_versions, pg::Params().add(std::move(clients)).add(std::move(numbers))))
    versions[row[0].c_str()] = row[1].as<std::int64_t>() - counts[row[0].c_str()];
  for (auto& change : batch.changes) {
    change.version = ++versions[change.client_id];
    publish_billing_event(batch.out, change, batch.now);
  }
}

void DecideEvents::failed(pg::Connection& connection, const std::string& event_id, const std::string& error,
                          UtcTime now) {
  bus::Outbox out;
  pg::Transaction tx(connection);
  if (!tx.run(billing_sql::take_lease)[0][0].as<bool>()) return;  // whoever holds it may be handling it just now
  const auto rows = tx.run(billing_sql::find_event, pg::Params().add(event_id));
  if (rows.empty() || std::string_view(rows[0][2].c_str()) != "PENDING") return;
  const auto row = rows[0];
  const int attempts = row[4].as<int>() + 1;
  const auto pause = retry_pause(attempts, settings_.attempts_max);
  Settled settled{event_id, pause ? "PENDING" : "DEAD", "HANDLING_FAILED: " + error, attempts, now};
  if (pause) settled.due_at = now + *pause;
  const EventHead head{event_id, row[1].c_str(), pg::to_utc(row[5].c_str())};
  if (!settle(tx, {settled}, now).empty()) publish_failure_alert(out, head, error, attempts, now);
  if (!pause) {
    publish_audit(out,
                  {"STRIPE_EVENT_DEAD",
                   actor,
                   "stripe_event",
                   event_id,
                   "",
                   "DEAD",
                   "HANDLING_FAILED",
                   {{"type", head.type}, {"attempts", std::to_string(attempts)}}},
                  now);
  }
  bus_.commit(out, tx);
  bus_.wake(out);
  log::error(pause ? "STRIPE_EVENT_FAILED" : "STRIPE_EVENT_DEAD",
             {{"event_id", event_id}, {"type", head.type}, {"attempts", attempts}, {"error", error}});
  count(kind_of(head.type) == EventKind::OTHER ? "other" : head.type, pause ? "FAILED" : "DEAD");
}

void DecideEvents::count(const std::string& type, const std::string& status) {
  metrics_
      .counter("carillon_billing_events_total",
               "Stripe events by type and what became of them; FAILED: to be tried again",
               {{"type", type}, {"status", status}})
      .add();
}

}  // namespace carillon::billing
