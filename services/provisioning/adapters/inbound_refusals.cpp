#include "provisioning/adapters/inbound_refusals.hpp"

#include <utility>

#include "provisioning/app/provisioning_events.hpp"
#include "service/log.hpp"

namespace carillon::provisioning {

void InboundRefusals::refused(const std::string& reason) {
  metrics_.refused(reason);
  Counts counts;
  {
    const std::lock_guard lock(mutex_);
    ++unreported_[reason];
    const SteadyTime now = clock_.steady();
    if (now < report_again_at_) return;
    report_again_at_ = now + inbound_refusal_pause;
    counts = std::exchange(unreported_, {});
  }
  try {
    report(counts);
  } catch (const std::exception& error) {
    log::warn("INBOUND_REFUSAL_NOT_AUDITED", {{"error", error.what()}});
    const std::lock_guard lock(mutex_);
    for (const auto& [word, count] : counts) unreported_[word] += count;
    report_again_at_ = {};
  }
}

void InboundRefusals::report(const Counts& counts) {
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  bus::Outbox out;
  for (const auto& [reason, count] : counts) {
    AuditFacts facts{"INBOUND_REFUSED", "public", "webhook", "twilio"};
    facts.outcome = "REFUSED";
    facts.reason = reason;
    facts.details = {{"calls", std::to_string(count)}};
    publish_audit(out, std::move(facts), clock_.now());
    log::warn("INBOUND_REFUSED", {{"reason", reason}, {"calls", count}});
  }
  bus_.commit(out, tx);
  bus_.wake(out);
}

}  // namespace carillon::provisioning
