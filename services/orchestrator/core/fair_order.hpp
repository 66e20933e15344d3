// The order of waiting messages: by priority, then round-robin over clients, then arrival. Pure.
//
// Each message gets a turn when it joins: one more than its client's last waiting one, but never less than the turn now
// being served. Taking the lowest turns first is round-robin, and one index on (priority, turn, seq) serves it.
#pragma once
#include <algorithm>
#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "events/events.hpp"

namespace carillon::orchestrator {

struct QueuePlace {
  events::Priority priority{};
  std::int64_t turn = 0;
  std::int64_t seq = 0;
  auto operator<=>(const QueuePlace&) const = default;
};

// Hands out turns. Tell it first what waits already.
class FairTurns {
 public:
  // The lowest turn that waits in this priority.
  void serving(events::Priority priority, std::int64_t turn) { serving_[priority] = turn; }
  // The highest turn of this key that waits in this priority.
  void last_of(events::Priority priority, const std::string& fair_key, std::int64_t turn) {
    last_[{priority, fair_key}] = turn;
  }

  std::int64_t next(events::Priority priority, const std::string& fair_key) {
    const std::int64_t floor = serving_[priority];
    const auto [found, is_new] = last_.try_emplace({priority, fair_key}, floor);
    if (!is_new) found->second = std::max(found->second + 1, floor);
    return found->second;
  }

 private:
  std::map<events::Priority, std::int64_t> serving_;
  std::map<std::pair<events::Priority, std::string>, std::int64_t> last_;
};

}  // namespace carillon::orchestrator
