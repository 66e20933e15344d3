#include "provisioning/core/compliance_due.hpp"

#include <algorithm>

namespace carillon::provisioning {

using std::chrono::days;

std::optional<int> due_window(Date expires_on, Date today, std::optional<int> reminded_days,
                              std::span<const int> windows) {
  const int left = days_between(today, expires_on);
  if (left < 0) return std::nullopt;
  const auto nearest = std::find_if(windows.begin(), windows.end(), [&](int window) { return left <= window; });
  if (nearest == windows.end() || (reminded_days && *reminded_days <= *nearest)) return std::nullopt;
  return *nearest;
}

std::vector<DueReminder> due_reminders(std::span<const ExpiringItem> items, Date today, std::span<const int> windows,
                                       UtcTime now) {
  std::vector<DueReminder> due;
  for (const ExpiringItem& item : items) {
    if (item.date_named_at && now < *item.date_named_at + reminder_spacing) continue;
    if (const auto window = due_window(item.expires_on, today, item.reminded_days, windows))
      due.push_back({&item, *window});
  }
  std::stable_sort(due.begin(), due.end(),
                   [](const DueReminder& a, const DueReminder& b) { return a.item->expires_on < b.item->expires_on; });
  return due;
}

std::string_view name_of(SlaBreach breach) {
  return breach == SlaBreach::EXPIRED ? "EXPIRED" : "UNVERIFIED";
}

std::vector<MissedSla> missed_slas(std::span<const WatchedItem> items, Date today, const SlaBounds& bounds) {
  std::vector<MissedSla> missed;
  for (const WatchedItem& item : items) {
    if (item.status == item_resolved) continue;
    const Date expired_after = item.expires_on + days{bounds.expired_days};
    if (!item.expired_alerted && today > expired_after) missed.push_back({&item, SlaBreach::EXPIRED, expired_after});
    const Date verified_until = date_of(item.status_since) + days{bounds.verification_days};
    if (!item.unverified_alerted && item.status == item_unverified && today > verified_until)
      missed.push_back({&item, SlaBreach::UNVERIFIED, verified_until});
  }
  std::stable_sort(missed.begin(), missed.end(),
                   [](const MissedSla& a, const MissedSla& b) { return a.due_on < b.due_on; });
  return missed;
}

Date date_of(UtcTime time) {
  return Date{std::chrono::floor<days>(time).time_since_epoch()};
}

}  // namespace carillon::provisioning
