#include "health-aggregator/core/status_counts.hpp"

#include <algorithm>

#include "time/utc_time.hpp"
#include "values/utf8.hpp"

namespace carillon::health {

using events::Status;

namespace {

constexpr std::size_t reason_chars_max = 64;

constexpr std::uint32_t bit(Status status) {
  return 1U << static_cast<unsigned>(status);
}

constexpr std::uint32_t bits(Status first, Status last) {
  std::uint32_t all = 0;
  for (int status = static_cast<int>(first); status <= static_cast<int>(last); ++status)
    all |= 1U << static_cast<unsigned>(status);
  return all;
}

// What waits for its own time is not on its way yet.
constexpr std::uint32_t opening = bits(Status::QUEUED, Status::UNCONFIRMED) & ~bit(Status::SCHEDULED);
constexpr std::uint32_t closing =
    bits(Status::BLOCKED_INVALID_REQUEST, Status::BLOCKED_RATE_LIMITED) | bits(Status::SENT, Status::CANCELLED);
constexpr std::uint32_t with_reason = bit(Status::ATTEMPT_FAILED) | bit(Status::UNCONFIRMED) | bit(Status::FAILED) |
                                      bit(Status::BOUNCED) | bit(Status::UNDELIVERED);

// Keys that a sender can invent (unknown templates) or that differ per request must not become rows and labels.
MinuteKey key_of(const events::MessageEvent& event) {
  const bool known_template = event.status != Status::BLOCKED_TEMPLATE_NOT_FOUND && !event.template_key.empty();
  return {floor_minute(*event.occurred_at),
          static_cast<int>(event.channel),
          known_template ? event.template_key : "(unknown)",
          static_cast<int>(event.status),
          event.provider,
          (bit(event.status) & with_reason) ? std::string(utf8_prefix(event.reason, reason_chars_max)) : std::string()};
}

}  // namespace

int StatusCounts::open_state(const Known& known) {
  if ((known.statuses & closing) != 0 || (known.statuses & opening) == 0) return CLOSED;
  return known.unconfirmed_attempt >= 0 && known.unconfirmed_attempt >= known.failed_attempt ? HELD : WAITING;
}

bool StatusCounts::note(Known& known, int status, int attempt) {
  const std::pair row{status, attempt};
  if (std::find(known.rows.begin(), known.rows.end(), row) != known.rows.end()) return false;
  known.rows.push_back(row);
  known.statuses |= 1U << static_cast<unsigned>(status);
  if (status == static_cast<int>(Status::UNCONFIRMED))
    known.unconfirmed_attempt = std::max(known.unconfirmed_attempt, attempt);
  if (status == static_cast<int>(Status::ATTEMPT_FAILED))
    known.failed_attempt = std::max(known.failed_attempt, attempt);
  return true;
}

void StatusCounts::logged(const std::string& message_id, Status status, int attempt) {
  Known& known = known_[message_id];
  note(known, static_cast<int>(status), attempt);
  known.open_before = open_state(known);
}

bool StatusCounts::take(const events::MessageEvent& event) {
  Known& known = known_[event.message_id];
  const bool first_of_status = (known.statuses & bit(event.status)) == 0;
  if (!note(known, static_cast<int>(event.status), event.attempt)) return false;
  known.changed = true;
  known.channel = std::max(known.channel, static_cast<int>(event.channel));
  if (first_of_status || event.status == Status::ATTEMPT_FAILED) {
    MinuteCount& count = minutes_[key_of(event)];
    ++count.messages;
    count.latency_ms_sum += event.latency_ms;
  }
  return true;
}

std::map<int, OpenChange> StatusCounts::open_changes() const {
  std::map<int, OpenChange> changes;
  for (const auto& [message_id, known] : known_) {
    if (!known.changed) continue;
    const int now = open_state(known);
    OpenChange& change = changes[known.channel];
    change.waiting += (now == WAITING) - (known.open_before == WAITING);
    change.held += (now == HELD) - (known.open_before == HELD);
  }
  std::erase_if(changes, [](const auto& entry) { return entry.second.waiting == 0 && entry.second.held == 0; });
  return changes;
}

}  // namespace carillon::health
