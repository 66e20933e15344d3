#include "sandbox/app/read_out.hpp"

#include <algorithm>
#include <vector>

#include "http/message.hpp"
#include "sandbox/app/receipts.hpp"
#include "sandbox/core/message_view.hpp"

namespace carillon::sandbox {
namespace {

std::string figures_json(const Receipts::Figures& figures) {
  std::string failed;
  std::uint64_t sent = figures.accepted;
  for (const auto& [why, count] : figures.failed) {
    failed += (failed.empty() ? "\"" : ",\"") + why + "\":" + std::to_string(count);
    sent += count;
  }
  return "{\"sent\":" + std::to_string(sent) + ",\"accepted\":" + std::to_string(figures.accepted) + ",\"failed\":{" +
         failed + "},\"dropped\":" + std::to_string(figures.dropped) +
         ",\"waiting\":" + std::to_string(figures.waiting) + "}";
}

}  // namespace

bool is_recipient(std::string_view to, std::string_view wanted) {
  while (!to.empty()) {
    const std::size_t end = std::min(to.find(','), to.size());
    std::string_view one = to.substr(0, end);
    while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
    if (const std::size_t open = one.find('<'); open != std::string_view::npos && one.back() == '>')
      one = one.substr(open + 1, one.size() - open - 2);
    if (one == wanted) return true;
    to.remove_prefix(std::min(end + 1, to.size()));
  }
  return false;
}

std::string messages_json(const SandboxState& state, const MessageFilter& filter) {
  std::vector<std::string> found;
  const auto& messages = state.inbox.messages();
  for (auto message = messages.rbegin(); message != messages.rend() && found.size() < filter.limit; ++message) {
    if (!filter.provider.empty() && to_string(message->provider) != filter.provider) continue;
    const MessageView view = view_of(*message);
    if (filter.to.empty() || is_recipient(view.to, filter.to))
      found.push_back(to_json(view, attachments_of(*message), message->receipts));
  }
  std::string out = "[";
  for (auto json = found.rbegin(); json != found.rend(); ++json) {
    if (out.size() > 1) out += ",\n";
    out += *json;
  }
  return out + "]";
}

std::string stats_json(const SandboxState& state) {
  std::string out = "{";
  for (std::size_t i = 0; i < provider_names.size(); ++i) {
    const auto provider = static_cast<ProviderName>(i);
    const Figures& figures = state.inbox.figures(provider);
    if (i > 0) out += ',';
    out += "\"" + std::string(provider_names[i]) + "\":{\"calls\":" + std::to_string(figures.calls) +
           ",\"accepted\":" + std::to_string(figures.accepted) + ",\"refused\":" + std::to_string(figures.refused);
    if (state.receipts != nullptr && sends_receipts(provider))
      out += ",\"receipts\":" + figures_json(state.receipts->figures(provider));
    out += '}';
  }
  return out + "}";
}

std::string calls_json(const SandboxState& state) {
  std::string out = "[";
  out.reserve(state.inbox.calls().size() * 100 + 2);
  for (const CallRow& row : state.inbox.calls()) {
    if (out.size() > 1) out += ",\n";
    const std::string_view padded(row.message_id.data(), row.message_id.size());
    out += "[" + http::json_string(padded.substr(0, padded.find('\0')));
    out += "," + std::to_string(row.attempt) + ",\"";
    out += to_string(row.provider);
    out += "\"," + std::to_string(row.received_at_us) + (row.answered ? ",true,\"" : ",false,\"");
    out += call_outcome_names[static_cast<std::size_t>(row.outcome)];
    out += "\"]";
  }
  return out + "]";
}

}  // namespace carillon::sandbox
