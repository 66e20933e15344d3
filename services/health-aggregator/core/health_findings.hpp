// Whether all is well, in plain words: what is wrong first. Pure.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "events/events.hpp"
#include "health-aggregator/core/spike.hpp"

namespace carillon::health {

inline constexpr std::chrono::minutes long_wait{5}, stale_after{1};

struct ProviderFacts {
  std::string name;
  events::Channel channel{};
  bool is_usable = false;  // configured, in a chain, its channel enabled
  int position = 0;        // in its chain
  std::string breaker;     // CLOSED, OPEN, HALF_OPEN
  std::optional<std::chrono::seconds> open_for;
};

struct HealthFacts {
  std::chrono::minutes window{60};
  std::int64_t sent = 0, failed = 0, throttled = 0;
  std::int64_t waiting = 0, held = 0, dead_letters = 0;
  std::optional<std::chrono::seconds> oldest_waiting;
  std::optional<std::chrono::seconds> unread_for;  // age of the oldest event the figures do not hold yet
  std::vector<ProviderFacts> providers;            // by channel, then position
  std::string most_failures;                       // "PAYMENT_FAILED with MAILBOX_FULL"; "" without failures
  SpikeRule spike;                                 // from when on failures are worth a word (WARN), an alarm (CRIT)
};

enum class Tone { WELL, NOTICE, WRONG };

struct Finding {
  Tone tone = Tone::WELL;
  std::string text;  // a sentence
  bool operator==(const Finding&) const = default;
};

// At least one; the worst first.
std::vector<Finding> health_findings(const HealthFacts& facts);

double failure_rate(std::int64_t sent, std::int64_t failed);  // of what has ended; 0 when nothing has
std::string number_text(std::int64_t number);                 // "12,480"
std::string percent_text(double share);                       // "0.3 %", "12 %"
std::string channel_words(events::Channel channel);           // "e-mail", "SMS", "Slack"
// In the chain: where its messages go when `name` can't; "" when nowhere.
std::string stand_in_for(const std::vector<ProviderFacts>& providers, const ProviderFacts& failing);

}  // namespace carillon::health
