#include "carillon/cli/message_view.hpp"

#include <set>
#include <thread>

#include "carillon/cli/output.hpp"

namespace carillon::cli {
namespace {

constexpr std::chrono::milliseconds poll_interval{100};

}  // namespace

bool is_final(std::string_view status) {
  static const std::set<std::string_view> open{"QUEUED", "SCHEDULED", "DEFERRED_THROTTLED", "ATTEMPT_FAILED"};
  return !status.empty() && open.count(status) == 0;
}

rapidjson::Document wait_for_final(Api& api, const std::string& id, std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  std::string status = "not logged yet";
  while (std::chrono::steady_clock::now() < end) {
    auto message = api.get_unless("/api/notifications/" + id, 404);
    if (message.IsObject()) {
      status = text_of(message, "status");
      if (is_final(status)) return message;
    }
    std::this_thread::sleep_for(poll_interval);
  }
  throw CommandFailed{REFUSED,
                      "message " + id + " is still " + status + "; carillon message watch " + id + " follows it"};
}

std::string history_line(const rapidjson::Value& entry) {
  const std::string at = text_of(entry, "at");
  std::string line = "  " + (at.size() > 23 ? at.substr(11, 12) : at) + "  " + text_of(entry, "status");
  if (const auto provider = text_of(entry, "provider"); !provider.empty()) line += "  " + provider;
  if (const auto attempt = text_of(entry, "attempt"); !attempt.empty() && attempt != "0")
    line += "  attempt " + attempt;
  if (const auto latency = text_of(entry, "latency_ms"); !latency.empty() && latency != "0")
    line += "  " + latency + " ms";
  for (const char* name : {"reason", "provider_code", "detail"})
    if (const auto text = text_of(entry, name); !text.empty()) line += "  " + text;
  return for_terminal(line) + "\n";
}

std::string message_text(const rapidjson::Value& message) {
  std::string out;
  for (const auto& [title, name] : {std::pair{"message  ", "message_id"},
                                    {"status   ", "status"},
                                    {"template ", "template_key"},
                                    {"to       ", "recipient"},
                                    {"provider ", "provider"},
                                    {"attempts ", "attempts"},
                                    {"next     ", "next_attempt_at"},
                                    {"reason   ", "reason"}})
    if (const auto text = text_of(message, name); !text.empty()) out += std::string(title) + for_terminal(text) + "\n";
  if (const auto history = message.FindMember("history"); history != message.MemberEnd() && history->value.IsArray())
    for (const auto& entry : history->value.GetArray()) out += history_line(entry);
  return out;
}

}  // namespace carillon::cli
