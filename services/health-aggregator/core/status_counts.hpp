// What one batch of status events changes in the figures: which rows are new, the minute counts, and how many messages
// are open. Knows what was logged before of the same messages. Pure.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "events/events.hpp"

namespace carillon::health {

// The rollup's key: minute, channel, template_key, status, provider, reason.
using MinuteKey = std::tuple<UtcTime, int, std::string, int, std::string, std::string>;

struct MinuteCount {
  std::int64_t messages = 0;
  std::int64_t latency_ms_sum = 0;
};

// Messages of a channel without a final send state: still on their way, or held UNCONFIRMED. Differences.
struct OpenChange {
  std::int64_t waiting = 0;
  std::int64_t held = 0;
};

class StatusCounts {
 public:
  // A row that the log already has.
  void logged(const std::string& message_id, events::Status status, int attempt);
  // An event of the batch; false when the log, or the batch itself, has its (message_id, status, attempt) already.
  bool take(const events::MessageEvent& event);

  // A message counts once per status, in the minute it first entered it; ATTEMPT_FAILED counts attempts.
  const std::map<MinuteKey, MinuteCount>& minutes() const { return minutes_; }
  // By channel; only what is not zero.
  std::map<int, OpenChange> open_changes() const;

 private:
  // What is known of one message: a bit for each status, and the attempts that decide between waiting and held.
  struct Known {
    std::uint32_t statuses = 0;
    int unconfirmed_attempt = -1, failed_attempt = -1;
    std::vector<std::pair<int, int>> rows;  // (status, attempt)
    int channel = 0;
    int open_before = 0;
    bool changed = false;
  };
  enum Open { CLOSED = 0, WAITING = 1, HELD = 2 };
  static int open_state(const Known& known);
  static bool note(Known& known, int status, int attempt);

  std::unordered_map<std::string, Known> known_;
  std::map<MinuteKey, MinuteCount> minutes_;
};

}  // namespace carillon::health
