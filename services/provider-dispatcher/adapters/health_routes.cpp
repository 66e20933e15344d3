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

void append_provider(std::string& out, const RosterEntry& entry, const Breaker& breaker,
                     const std::vector<pending_store::Count>& counts) {
  out += "{\"provider\":" + http::json_string(entry.name);
  out += ",\"position\":" + std::to_string(entry.position);
  out += ",\"role\":" + http::json_string(role_name(entry.position));
  out += ",\"configured\":";
  out += entry.has_settings ? "true" : "false";
  out += ",\"missing_settings\":" + http::json_string(entry.provider->missing_settings());
  out += ",\"breaker\":" + http::json_string(to_string(breaker.state));
  out += ",\"consecutive_failures\":" + std::to_string(breaker.consecutive_failures);
  out += ",\"last_error\":" + http::json_string(breaker.last_error) + ",";
  append_counts(out, counts, entry.name);
  out += "}";
}

void append_channel(std::string& out, events::Channel channel, const Roster& roster,
                    const std::vector<Breaker>& breakers, const std::vector<pending_store::Count>& counts) {
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
    append_provider(out, roster[chain[i]], breakers[chain[i]], counts);
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
                                  const std::vector<pending_store::Count>& counts) {
  constexpr std::array channels{events::Channel::EMAIL, events::Channel::SMS, events::Channel::SLACK};
  std::string out = "{\"channels\":[";
  bool first = true;
  for (const events::Channel channel : channels) {
    if (roster.chain(channel).empty() && channel == events::Channel::SLACK) continue;
    if (!first) out += ",";
    first = false;
    append_channel(out, channel, roster, breakers, counts);
  }
  out += "],\"waiting_without_provider\":" + std::to_string(rows_of(counts, no_provider, State::WAITING)) + "}";
  return out;
}

}  // namespace carillon::dispatcher
