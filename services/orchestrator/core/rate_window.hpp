// One message per template, client and window (ORC-7): what the window is kept for and when it ends. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "orchestrator/core/template_meta.hpp"
#include "time/utc_time.hpp"

namespace carillon::orchestrator {

struct RateWindow {
  std::string template_key;
  std::string subject;  // client (without client: the recipient's hash) and the value of the template's key variable
  UtcTime accepted_at{};
  UtcTime until{};
};

inline constexpr std::size_t window_key_value_bytes_max = 200;

// nullopt: the template has no window. The window runs from acceptance, so a backlog does not stretch it; of a message
// that waited for its send_at from there (wanted_at in core/send_time.hpp).
inline std::optional<RateWindow> rate_window(const TemplateMeta& meta, std::string_view client_id,
                                             std::string_view recipient_hash, std::string_view key_value,
                                             UtcTime accepted_at) {
  if (meta.rate_limit_window.count() == 0) return std::nullopt;
  RateWindow window{meta.key, {}, accepted_at, accepted_at + meta.rate_limit_window};
  window.subject = client_id.empty() ? "recipient:" + std::string(recipient_hash) : "client:" + std::string(client_id);
  if (!meta.rate_limit_key_variable.empty()) {
    window.subject +=
        "|" + meta.rate_limit_key_variable + "=" + std::string(key_value.substr(0, window_key_value_bytes_max));
  }
  return window;
}

}  // namespace carillon::orchestrator
