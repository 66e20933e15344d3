#include "provisioning/app/apply_billing.hpp"

#include <map>
#include <set>

#include "events/cloud_events.hpp"
#include "provisioning/app/client_store.hpp"
#include "provisioning/app/job_store.hpp"
#include "provisioning/app/provisioning_events.hpp"
#include "provisioning/core/billing.hpp"
#include "service/failpoint.hpp"
#include "service/log.hpp"

namespace carillon::provisioning {
namespace {

using events::BillingEvent;

struct Billing {
  const bus::Received* received;
  BillingEvent event;
  std::string traceparent;
};

Result<Billing> read(const bus::Received& received) {
  auto envelope = events::read_cloud_event(received.record.headers, received.record.value);
  if (!envelope) return envelope.error();
  auto event = events::from_json<BillingEvent>(envelope->data);
  if (!event) return event.error();
  if (auto wrong = wrong_with(*event)) return *wrong;
  return Billing{&received, std::move(*event), std::move(envelope->traceparent)};
}

// Stripe's ids are made of these; what is not does not reach the audit log.
std::string plain_id(const std::string& id) {
  constexpr std::size_t chars_max = 255;
  const bool plain =
      id.size() <= chars_max &&
      id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string::npos;
  return plain ? id : std::string{};
}

void reject(bus::Outbox& out, const bus::Received& received, const Failure& failure, const BillingEvent* event,
            UtcTime now) {
  out.dead_letter(bus::topics::billing_events, received, failure.code, failure.detail, now);
  AuditFacts facts{"BILLING_EVENT_REFUSED", std::string(event_source), "billing_event"};
  facts.subject_id = event == nullptr ? "" : plain_id(event->event_id);
  if (facts.subject_id.empty()) facts.subject_id = "partition-" + std::to_string(received.partition);
  if (event != nullptr) facts.client_id = event->client_id;
  facts.outcome = "REFUSED";
  facts.reason = failure.code;
  facts.details = {{"partition", std::to_string(received.partition)}, {"seq", std::to_string(received.seq)}};
  publish_audit(out, std::move(facts), now);
  log::warn("BILLING_EVENT_REFUSED",
            {{"partition", received.partition}, {"seq", received.seq}, {"reason", failure.code}});
}

void audit(bus::Outbox& out, const Billing& billing, BillingEffect effect, UtcTime now) {
  AuditFacts facts{"BILLING_EVENT_APPLIED", std::string(event_source), "client", billing.event.client_id,
                   billing.event.client_id};
  facts.outcome = effect == BillingEffect::APPLIED ? "APPLIED" : "IGNORED";
  if (effect == BillingEffect::OLDER) facts.reason = "OLDER_THAN_APPLIED";
  facts.details = {{"event_id", plain_id(billing.event.event_id)},
                   {"kind", events::enum_name(billing.event.kind)},
                   {"version", std::to_string(billing.event.version)}};
  publish_audit(out, std::move(facts), now, billing.traceparent);
}

}  // namespace

void ApplyBilling::handle(std::span<const bus::Received> batch, pg::Transaction& tx, bus::Outbox& out) {
  const UtcTime now = clock_.now();
  std::vector<Billing> billings;
  std::set<std::string> ids;
  for (const bus::Received& received : batch) {
    auto billing = read(received);
    if (!billing) {
      reject(out, received, billing.error(), nullptr, now);
      ++counts_["REFUSED"];
      continue;
    }
    ids.insert(billing->event.client_id);
    billings.push_back(std::move(*billing));
  }
  std::map<std::string, Client> clients;
  for (Client& client : find_clients(tx, std::vector(ids.begin(), ids.end()), Lock::FOR_UPDATE))
    if (!client.deleted) clients.emplace(client.id, std::move(client));
  std::set<std::string> changed, to_provision;
  for (const Billing& billing : billings) {
    const auto client = clients.find(billing.event.client_id);
    if (client == clients.end()) {
      reject(out, *billing.received, {"CLIENT_NOT_FOUND", "client_id: there is no such client"}, &billing.event, now);
      ++counts_["REFUSED"];
      continue;
    }
    BilledClient next = billed(client->second, billing.event);
    audit(out, billing, next.effect, now);
    ++counts_[next.effect == BillingEffect::APPLIED ? "APPLIED" : "IGNORED"];
    if (next.effect == BillingEffect::OLDER) continue;
    client->second = std::move(next.client);
    changed.insert(client->first);
    if (next.starts_job) to_provision.insert(client->first);
  }
  std::vector<Client> to_write;
  for (const std::string& id : changed) to_write.push_back(std::move(clients.at(id)));
  update_clients(tx, out, to_write, now);
  for (const ProvisioningJob& job : start_jobs(tx, std::vector(to_provision.begin(), to_provision.end()), now)) {
    started_ = true;
    publish_audit(out, {"PROVISIONING_STARTED", std::string(event_source), "job", job.id, job.client_id, "OK"}, now);
  }
  failpoint("provisioning.billing.before_commit");
}

void ApplyBilling::rolled_back() {
  started_ = false;
  counts_.clear();
}

void ApplyBilling::committed() {
  for (const auto& [result, count] : std::exchange(counts_, {}))
    metrics_
        .counter("carillon_provisioning_billing_events_total", "Billing events, and what came of them",
                 {{"result", result}})
        .add(count);
  failpoint("provisioning.billing.after_commit");
  if (std::exchange(started_, false)) jobs_started_();
}

}  // namespace carillon::provisioning
