// What is due about compliance items: reminders before they expire, alerts when they were let go. Pure.
#pragma once
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "provisioning/core/compliance_item.hpp"

namespace carillon::provisioning {

// The pipe takes one reminder per client, item date and 24 hours from its acceptance (the template's rate window), so
// an item whose date was named by a mail since then waits for the next run.
inline constexpr std::chrono::hours reminder_spacing{24};

struct ExpiringItem {
  std::string id, name;
  Date expires_on{};
  std::optional<int> reminded_days;      // the nearest window in which it was reminded of this date
  std::optional<UtcTime> date_named_at;  // when a mail to its client was last about this date
};

// The window whose reminder is due: the smallest that holds the days left, once. A window that is passed is passed: who
// comes late, or was down, gets the nearest only. `windows` ascend. nullopt: expired, too early, or reminded already.
std::optional<int> due_window(Date expires_on, Date today, std::optional<int> reminded_days,
                              std::span<const int> windows);

struct DueReminder {
  const ExpiringItem* item;
  int window_days;
};
// Of one client's items, by date: what one mail names. `today` is the client's date.
std::vector<DueReminder> due_reminders(std::span<const ExpiringItem> items, Date today, std::span<const int> windows,
                                       UtcTime now);

// How long an item may be in a bad way before the admins hear of it, once.
struct SlaBounds {
  int expired_days = 0;       // past its date, and not RESOLVED
  int verification_days = 7;  // PENDING_VERIFICATION
};
enum class SlaBreach { EXPIRED, UNVERIFIED };
std::string_view name_of(SlaBreach breach);

struct WatchedItem {
  std::string id, name;
  Date expires_on{};
  std::string status;
  UtcTime status_since{};
  bool expired_alerted = false, unverified_alerted = false;
};
struct MissedSla {
  const WatchedItem* item;
  SlaBreach breach;
  Date due_on;  // the last day on which it was still in order
};
// The longest overdue first. `today` is the client's date.
std::vector<MissedSla> missed_slas(std::span<const WatchedItem> items, Date today, const SlaBounds& bounds);
// What an alert about UNVERIFIED is remembered by, beside the item.
Date date_of(UtcTime time);

}  // namespace carillon::provisioning
