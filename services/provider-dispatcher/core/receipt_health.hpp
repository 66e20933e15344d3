// Whether a provider's receipts stay away: its calls may be answered with 200 and nothing be delivered. Pure.
#pragma once
#include <cstdint>

namespace carillon::dispatcher {

// Of the calls accepted between ten and five minutes ago, at least so many are needed to judge ...
inline constexpr std::int64_t accepted_to_judge_min = 50;
// ... and fewer receipts than this share of them, in per cent, is too few. All receipts of the last ten minutes count,
// whichever calls they are of, so a provider is never called silent that is only slow.
inline constexpr std::int64_t receipts_percent_min = 10;

struct ReceiptCounts {
  std::int64_t accepted = 0;       // calls, between ten and five minutes ago
  std::int64_t receipts = 0;       // in the last ten minutes
  bool came_within_a_day = false;  // else nobody has set the provider's webhook up
};

enum class ReceiptVerdict {
  COMING,
  MISSING,
  UNKNOWN  // too little to judge by: it stays as it was
};
ReceiptVerdict judge_receipts(const ReceiptCounts& counts);

}  // namespace carillon::dispatcher
