#include "billing-ingest/app/webhook_refusals.hpp"

#include <utility>

#include "service/log.hpp"

namespace carillon::billing {

void WebhookRefusals::refused(std::string_view reason) {
  const SteadyTime now = clock_.steady();
  std::int64_t calls = 0;
  bool due = false;
  {
    const std::lock_guard lock(mutex_);
    auto [at, is_new] = reasons_.try_emplace(std::string(reason));
    OfReason& of = at->second;
    if (is_new)
      of.counter = metrics_.counter("carillon_billing_webhook_refusals_total", "Refused calls of Stripe's webhook",
                                    {{"reason", std::string(reason)}});
    of.counter.add();
    ++of.unaudited;
    ++of.unlogged;
    due = now >= of.audit_again_at;
    if (now >= of.log_again_at) {
      of.log_again_at = now + refusal_log_pause;
      calls = std::exchange(of.unlogged, 0);
    }
  }
  if (calls > 0) log::warn("STRIPE_WEBHOOK_REFUSED", {{"reason", reason}, {"refused_since_last", calls}});
  if (due) due_();
}

WebhookRefusals::Counts WebhookRefusals::take_due() {
  const SteadyTime now = clock_.steady();
  Counts due;
  const std::lock_guard lock(mutex_);
  for (auto& [reason, of] : reasons_) {
    if (of.unaudited == 0 || now < of.audit_again_at) continue;
    of.audit_again_at = now + refusal_audit_pause;
    due.emplace(reason, std::exchange(of.unaudited, 0));
  }
  return due;
}

void WebhookRefusals::put_back(const Counts& counts) {
  const std::lock_guard lock(mutex_);
  for (const auto& [reason, count] : counts) {
    reasons_[reason].unaudited += count;
    reasons_[reason].audit_again_at = {};
  }
}

}  // namespace carillon::billing
