#include "provider-dispatcher/app/receipt_refusals.hpp"

#include "service/log.hpp"

namespace carillon::dispatcher {

void ReceiptRefusals::refused(std::string_view provider, std::string_view reason, std::string_view detail) {
  std::int64_t calls = 0;
  {
    const std::lock_guard lock(mutex_);
    auto [counter, is_new] = counters_.try_emplace({std::string(provider), std::string(reason)});
    if (is_new) {
      counter->second = metrics_.counter("carillon_receipt_refusals_total", "Refused webhook calls of providers.",
                                         {{"provider", std::string(provider)}, {"reason", std::string(reason)}});
    }
    counter->second.add();
    OfProvider& of = providers_[std::string(provider)];
    ++of.unaudited[std::string(reason)];
    ++of.unlogged;
    const SteadyTime now = clock_.steady();
    if (now < of.log_again_at) return;
    of.log_again_at = now + refusal_log_pause;
    calls = std::exchange(of.unlogged, 0);
  }
  log::warn("receipt_refused",
            {{"provider", provider}, {"reason", reason}, {"detail", detail}, {"refused_since_last", calls}});
}

ReceiptRefusals::ByProvider ReceiptRefusals::take_due() {
  const std::lock_guard lock(mutex_);
  const SteadyTime now = clock_.steady();
  ByProvider due;
  for (auto& [provider, of] : providers_) {
    if (of.unaudited.empty() || now < of.audit_again_at) continue;
    of.audit_again_at = now + refusal_audit_pause;
    due.emplace(provider, std::exchange(of.unaudited, {}));
  }
  return due;
}

void ReceiptRefusals::put_back(const ByProvider& counts) {
  const std::lock_guard lock(mutex_);
  for (const auto& [provider, reasons] : counts) {
    OfProvider& of = providers_[provider];
    for (const auto& [reason, count] : reasons) of.unaudited[reason] += count;
    of.audit_again_at = {};
  }
}

}  // namespace carillon::dispatcher
