// carillon_receipt_effects_total: what receipts did beside a message's delivery state, of whichever thread applied
// them. Thread-safe.
#pragma once
#include "provider-dispatcher/app/apply_receipts.hpp"
#include "service/metrics.hpp"

namespace carillon::dispatcher {

class ReceiptEffects {
 public:
  explicit ReceiptEffects(metrics::Registry& registry)
      : unmatched_(counter(registry, "kept_unmatched")),
        dropped_(counter(registry, "dropped_unmatched")),
        resolved_(counter(registry, "message_resolved")),
        suppressed_(counter(registry, "recipient_suppressed")) {}

  // Once `applied` is committed.
  void count(const AppliedReceipts& applied) const {
    unmatched_.add(static_cast<double>(applied.unmatched));
    dropped_.add(static_cast<double>(applied.dropped));
    resolved_.add(static_cast<double>(applied.resolved));
    suppressed_.add(static_cast<double>(applied.suppressed));
  }

 private:
  static metrics::Counter counter(metrics::Registry& registry, const char* effect) {
    return registry.counter("carillon_receipt_effects_total", "What receipts did beside a message's delivery state.",
                            {{"effect", effect}});
  }
  const metrics::Counter unmatched_, dropped_, resolved_, suppressed_;
};

}  // namespace carillon::dispatcher
