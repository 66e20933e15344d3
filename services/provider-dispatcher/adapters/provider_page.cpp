#include "provider-dispatcher/adapters/provider_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pages/access.hpp"
#include "pages/times.hpp"
#include "provider-dispatcher/adapters/dispatcher_web.hpp"
#include "provider-dispatcher/adapters/health_routes.hpp"
#include "values/lower_case.hpp"

namespace carillon::dispatcher {
namespace {

using pages::Values;

constexpr const char* path = "/admin/providers";

const char* words_for(events::Channel channel) {
  if (channel == events::Channel::EMAIL) return "E-mail";
  return channel == events::Channel::SMS ? "SMS" : "Slack";
}

std::int64_t rows_of(const ProviderPageFacts& facts, std::string_view provider, pending_store::State state) {
  std::int64_t rows = 0;
  for (const auto& count : facts.counts) {
    if (count.provider == provider && count.state == state) rows += count.rows;
  }
  return rows;
}

// CSS class and words; a shape goes with the class.
std::pair<const char*, std::string> state_of(const RosterEntry& entry, const Breaker& breaker, bool limit_reached) {
  if (!entry.has_settings) return {"off", "not configured"};
  if (!entry.channel_enabled) return {"off", "its channel is switched off"};
  if (limit_reached) return {"warn", "at its monthly limit"};
  if (breaker.state == BreakerState::OPEN) return {"warn", "open"};
  if (breaker.state == BreakerState::HALF_OPEN) return {"warn", "trying again"};
  return {"good", "closed"};
}

void add_calls(Values& one, const CallSums& sums, UtcTime now) {
  if (sums.calls == 0) return;
  one["rate"] = fmt::format("{:.1f} %",
                            100.0 * static_cast<double>(sums.calls - sums.failures) / static_cast<double>(sums.calls));
  one["calls"] = std::to_string(sums.calls);
  one["latency"] = fmt::format("{} ms, {} ms at most", sums.latency_ms / sums.calls, sums.latency_ms_max);
  if (sums.last_failure_at) one["failed_at"] = pages::time_tag(*sums.last_failure_at, now);
}

void add_spend(Values& one, const ProviderPageFacts& facts, const std::string& provider) {
  for (const SpendBook::Standing& standing : facts.standings) {
    if (standing.provider == provider)
      one["spend"] = fmt::format("{} of {} USD", to_text(standing.spent), to_text(standing.limit));
  }
}

Values provider_values(const ProviderPageFacts& facts, ProviderIndex index, UtcTime now) {
  const RosterEntry& entry = facts.roster[index];
  const Breaker& breaker = facts.breakers[index];
  Values one{Values::type::object};
  one["name"] = entry.name;
  if (entry.has_settings) one["role"] = lower_case(role_name(entry.position));
  const auto [tone, words] = state_of(entry, breaker, facts.limits_reached[index]);
  one["tone"] = tone;
  one["state"] = words;
  if (!entry.has_settings) one["missing"] = entry.provider->missing_settings();
  if (breaker.consecutive_failures > 0) one["in_a_row"] = std::to_string(breaker.consecutive_failures);
  if (!breaker.last_error.empty()) one["last_error"] = breaker.last_error;
  if (const auto calls = facts.calls.find(entry.name); calls != facts.calls.end()) add_calls(one, calls->second, now);
  add_spend(one, facts, entry.name);
  if (facts.receipts != nullptr && facts.receipts->expected().contains(entry.name) &&
      facts.receipts->missing(entry.name))
    one["no_receipts"] = Values{true};
  one["waiting"] = std::to_string(rows_of(facts, entry.name, pending_store::State::WAITING));
  one["claimed"] = std::to_string(rows_of(facts, entry.name, pending_store::State::CLAIMED));
  if (const auto held = rows_of(facts, entry.name, pending_store::State::HELD); held > 0)
    one["held"] = std::to_string(held);
  return one;
}

}  // namespace

Values provider_page_values(const ProviderPageFacts& facts, UtcTime now) {
  Values channels{Values::type::list};
  for (const events::Channel channel : {events::Channel::EMAIL, events::Channel::SMS, events::Channel::SLACK}) {
    const auto chain = facts.roster.chain(channel);
    if (chain.empty()) continue;
    Values providers{Values::type::list};
    for (const ProviderIndex index : chain) providers << provider_values(facts, index, now);
    Values one{Values::type::object};
    one["channel"] = words_for(channel);
    one["providers"] = std::move(providers);
    if (!facts.roster.any_configured(channel)) one["nobody"] = Values{true};
    channels << one;
  }
  Values values{Values::type::object};
  values["channels"] = std::move(channels);
  return values;
}

void add_provider_page(http::Router& router, service::Platform& platform, std::function<ProviderPageFacts()> facts) {
  router.add(http::Method::GET, "/admin/providers",
             pages::shown_as_page(platform,
                                  [&platform, facts = std::move(facts)](const http::Request& request) {
                                    pages::Page page;
                                    page.title = "Providers";
                                    page.sentence = "Who carries messages away, in the order they are asked.";
                                    page.visitor = pages::visitor_of(request);
                                    page.path = path;
                                    page.wide = true;
                                    return pages::render(platform, page, page_file("providers.mustache"),
                                                         provider_page_values(facts(), platform.clock.now()));
                                  }),
             pages::require_session(platform, {security::Role::ADMIN}, pages::Refusal::PAGE));
}

}  // namespace carillon::dispatcher
