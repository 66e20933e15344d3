#include "provider-dispatcher/adapters/health_routes.hpp"

#include <array>

#include "http/message.hpp"

namespace carillon::dispatcher {

namespace {

using pending_store::State;

std::int64_t rows_of(const std::vector<pending_store::Count>& counts, std::string_view provider, State state) {
  for (const auto& count : counts) {
    if (count.provider == provider && count.state == state) return count.rows;
  }
  return 0;
}

void append_counts(std::string& out, const std::vector<pending_store::Count>& counts, std::string_view provider) {
  out += "\"waiting\":" + std::to_string(rows_of(counts, provider, State::WAITING));
  out += ",\"claimed\":" + std::to_string(rows_of(counts, provider, State::CLAIMED));
  out += ",\"held\":" + std::to_string(rows_of(counts, provider, State::HELD));
}

// In ten thousandths, rounded down; null without calls.
std::string success_rate(const CallSums& sums) {
  constexpr std::int64_t parts = 10'000;
  if (sums.calls == 0) return "null";
  const std::int64_t rate = (sums.calls - sums.failures) * parts / sums.calls;
  std::string decimals = std::to_string(parts + rate % parts).substr(1);
  return std::to_string(rate / parts) + "." + decimals;
}

void append_calls(std::string& out, const CallSums& sums) {
  out += "\"calls\":" + std::to_string(sums.calls);
  out += ",\"failures\":" + std::to_string(sums.failures);
  out += ",\"success_rate\":" + success_rate(sums);
  out += ",\"latency_ms_mean\":" + (sums.calls == 0 ? "null" : std::to_string(sums.latency_ms / sums.calls));
  out += ",\"latency_ms_max\":" + (sums.calls == 0 ? "null" : std::to_string(sums.latency_ms_max));
  out += ",\"last_error_at\":";
  out += sums.last_failure_at ? http::json_string(to_rfc3339(*sums.last_failure_at)) : "null";
}

// What is shown of all providers, by provider or by index.
struct Shown {
  const Roster& roster;
  const std::vector<Breaker>& breakers;
  const std::vector<pending_store::Count>& counts;
  const CallFigures::ByProvider& calls;
  const std::vector<bool>& limits_reached;
  const ReceiptFigures* receipts;  // null: nothing is known of receipts
};

void append_receipts(std::string& out, const std::string& provider, const ReceiptFigures* receipts) {
  const bool expected = receipts != nullptr && receipts->expected().contains(provider);
  out += "\"receipts_expected\":";
  out += expected ? "true" : "false";
  out += ",\"degraded\":";
  out += expected && receipts->missing(provider) ? "\"NO_RECEIPTS\"," : "\"\",";
}

void append_provider(std::string& out, ProviderIndex provider, const Shown& shown) {
  const RosterEntry& entry = shown.roster[provider];
  const Breaker& breaker = shown.breakers[provider];
  const auto calls = shown.calls.find(entry.name);
  out += "{\"provider\":" + http::json_string(entry.name);
  out += ",\"position\":" + std::to_string(entry.position);
  out += ",\"role\":" + http::json_string(role_name(entry.position));
  out += ",\"configured\":";
  out += entry.has_settings ? "true" : "false";
  out += ",\"missing_settings\":" + http::json_string(entry.provider->missing_settings());
  out += ",\"breaker\":" + http::json_string(to_string(breaker.state));
  out += ",\"consecutive_failures\":" + std::to_string(breaker.consecutive_failures);
  out += ",\"last_error\":" + http::json_string(breaker.last_error) + ",";
  append_calls(out, calls == shown.calls.end() ? CallSums{} : calls->second);
  out += ",\"limit_reached\":";
  out += shown.limits_reached[provider] ? "true," : "false,";
  append_receipts(out, entry.name, shown.receipts);
  append_counts(out, shown.counts, entry.name);
  out += "}";
}

void append_channel(std::string& out, events::Channel channel, const Shown& shown) {
  const Roster& roster = shown.roster;
  const auto chain = roster.chain(channel);
  const bool enabled = chain.empty() || roster[chain.front()].channel_enabled;
  out += "{\"channel\":" + http::json_string(events::enum_name(channel));
  out += ",\"enabled\":";
  out += enabled ? "true" : "false";
  out += ",\"configured\":";
  out += roster.any_configured(channel) ? "true" : "false";
  out += ",\"providers\":[";
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (i > 0) out += ",";
    append_provider(out, chain[i], shown);
  }
  out += "]}";
}

}  // namespace

std::string_view role_name(int position) {
  if (position < 0) return "";
  if (position == 0) return "PRIMARY";
  return position == 1 ? "SECONDARY" : "TERTIARY";
}

std::string messaging_health_json(const Roster& roster, const std::vector<Breaker>& breakers,
                                  const std::vector<pending_store::Count>& counts, const CallFigures::ByProvider& calls,
                                  const std::vector<bool>& limits_reached, const ReceiptFigures* receipts) {
  const Shown shown{roster, breakers, counts, calls, limits_reached, receipts};
  constexpr std::array channels{events::Channel::EMAIL, events::Channel::SMS, events::Channel::SLACK};
  std::string out = "{\"channels\":[";
  bool first = true;
  for (const events::Channel channel : channels) {
    if (roster.chain(channel).empty() && channel == events::Channel::SLACK) continue;
    if (!first) out += ",";
    first = false;
    append_channel(out, channel, shown);
  }
  out += "],\"waiting_without_provider\":" + std::to_string(rows_of(counts, no_provider, State::WAITING)) + "}";
  return out;
}

}  // namespace carillon::dispatcher
