#include "health-aggregator/core/health_findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace carillon::health {

using events::Channel;

namespace {

constexpr double whole_percents_from = 0.10;

std::string span_words(std::chrono::seconds span) {
  using namespace std::chrono_literals;
  if (span < 1min) return fmt::format("{} s", span.count());
  if (span < 2h) return fmt::format("{} min", std::chrono::floor<std::chrono::minutes>(span).count());
  return fmt::format("{} h", std::chrono::floor<std::chrono::hours>(span).count());
}

std::string capitalised(std::string text) {
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z') text.front() -= 'a' - 'A';
  return text;
}

std::string messages(std::int64_t count) {
  return number_text(count) + (count == 1 ? " message" : " messages");
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  return text;
}

bool is_open(const ProviderFacts& provider) {
  return provider.breaker == "OPEN";
}

std::string open_words(const ProviderFacts& provider) {
  return provider.open_for ? "has been open for " + span_words(*provider.open_for) : "is open";
}

void look_at_channel(const std::vector<ProviderFacts>& all, Channel channel, std::vector<Finding>& found) {
  std::vector<std::string> open;
  const ProviderFacts* head = nullptr;
  std::size_t usable = 0;
  for (const ProviderFacts& provider : all) {
    if (provider.channel != channel || !provider.is_usable) continue;
    ++usable;
    if (head == nullptr) head = &provider;
    if (is_open(provider)) open.push_back(provider.name);
  }
  const std::string name = capitalised(channel_words(channel));
  if (usable > 0 && open.size() == usable) {
    found.push_back({Tone::WRONG, fmt::format("{} is down: {} {} open, and there is no other provider.", name,
                                              listed(open), open.size() == 1 ? "is" : "are")});
  } else if (head != nullptr && is_open(*head)) {
    found.push_back({Tone::NOTICE, fmt::format("{} is failing over: {} {}, {} takes its messages.", name, head->name,
                                               open_words(*head), stand_in_for(all, *head))});
  } else if (!open.empty()) {
    found.push_back({Tone::NOTICE, fmt::format("{} has less in reserve: {} {} open.", name, listed(open),
                                               open.size() == 1 ? "is" : "are")});
  }
}

void look_at_failures(const HealthFacts& facts, std::vector<Finding>& found) {
  const SpikeLevel level = spike_level(facts.sent, facts.failed, facts.spike);
  if (level == SpikeLevel::NONE) return;
  const std::string most = facts.most_failures.empty() ? "" : ", most of them " + facts.most_failures;
  found.push_back({level == SpikeLevel::CRIT ? Tone::WRONG : Tone::NOTICE,
                   fmt::format("Many messages fail: {} of {} in the last {} ({}){}.", number_text(facts.failed),
                               number_text(facts.sent + facts.failed), span_words(facts.window),
                               percent_text(failure_rate(facts.sent, facts.failed)), most)});
}

void look_at_queue(const HealthFacts& facts, std::vector<Finding>& found) {
  if (facts.unread_for && *facts.unread_for >= stale_after)
    found.push_back({Tone::NOTICE, fmt::format("These figures are {} behind: the message log is read too slowly.",
                                               span_words(*facts.unread_for))});
  if (facts.waiting > 0 && facts.oldest_waiting && *facts.oldest_waiting >= long_wait)
    found.push_back(
        {Tone::NOTICE, fmt::format("{} {}, the oldest for {}.", messages(facts.waiting),
                                   facts.waiting == 1 ? "waits" : "wait", span_words(*facts.oldest_waiting))});
  if (facts.held > 0)
    found.push_back(
        {Tone::NOTICE, fmt::format("{} {} for a decision: nobody knows whether {} went out.", messages(facts.held),
                                   facts.held == 1 ? "waits" : "wait", facts.held == 1 ? "it" : "they")});
  if (facts.dead_letters > 0)
    found.push_back(
        {Tone::NOTICE, fmt::format("{} could not be handled and {} among the dead letters.",
                                   facts.dead_letters == 1 ? "1 record" : number_text(facts.dead_letters) + " records",
                                   facts.dead_letters == 1 ? "lies" : "lie")});
}

std::string all_well(const HealthFacts& facts) {
  const std::string waiting = facts.waiting == 0 ? "nothing waiting" : number_text(facts.waiting) + " on their way";
  if (facts.sent + facts.failed == 0)
    return fmt::format("All well: nothing was sent in the last {}, {}.", span_words(facts.window), waiting);
  return fmt::format("All well: {} sent, {} failed, {}.", number_text(facts.sent),
                     facts.failed == 0 ? "none" : percent_text(failure_rate(facts.sent, facts.failed)), waiting);
}

}  // namespace

double failure_rate(std::int64_t sent, std::int64_t failed) {
  return sent + failed == 0 ? 0 : static_cast<double>(failed) / static_cast<double>(sent + failed);
}

std::string number_text(std::int64_t number) {
  std::string digits = std::to_string(number < 0 ? -number : number);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return (number < 0 ? "-" : "") + digits;
}

std::string percent_text(double share) {
  constexpr double least_shown = 0.0005;
  if (share > 0 && share < least_shown) return "< 0.1 %";
  // Never 100 % of what is not all of it.
  if (share >= whole_percents_from && share < 0.99) return fmt::format("{:.0f} %", share * 100);
  if (share >= 1) return "100 %";
  return fmt::format("{:.1f} %", std::floor(share * 1'000 + 0.5 * (share < 0.99)) / 10);
}

std::string channel_words(Channel channel) {
  switch (channel) {
    case Channel::EMAIL:
      return "e-mail";
    case Channel::SMS:
      return "SMS";
    case Channel::SLACK:
      return "Slack";
    default:
      return "no channel";
  }
}

std::string stand_in_for(const std::vector<ProviderFacts>& providers, const ProviderFacts& failing) {
  for (const ProviderFacts& provider : providers) {
    if (provider.channel == failing.channel && provider.is_usable && !is_open(provider)) return provider.name;
  }
  return {};
}

std::vector<Finding> health_findings(const HealthFacts& facts) {
  std::vector<Finding> found;
  for (const Channel channel : {Channel::EMAIL, Channel::SMS, Channel::SLACK})
    look_at_channel(facts.providers, channel, found);
  look_at_failures(facts, found);
  look_at_queue(facts, found);
  std::stable_sort(found.begin(), found.end(), [](const Finding& a, const Finding& b) { return a.tone > b.tone; });
  if (found.empty()) found.push_back({Tone::WELL, all_well(facts)});
  return found;
}

}  // namespace carillon::health
