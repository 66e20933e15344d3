#include "provider-dispatcher/core/receipt_health.hpp"

namespace carillon::dispatcher {

ReceiptVerdict judge_receipts(const ReceiptCounts& counts) {
  if (!counts.came_within_a_day) return ReceiptVerdict::UNKNOWN;
  if (counts.accepted >= accepted_to_judge_min && counts.receipts * 100 < counts.accepted * receipts_percent_min) {
    return ReceiptVerdict::MISSING;
  }
  return counts.receipts > 0 ? ReceiptVerdict::COMING : ReceiptVerdict::UNKNOWN;
}

}  // namespace carillon::dispatcher
