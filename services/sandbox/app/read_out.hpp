// What GET /messages, /stats and /calls answer. They only read.
#pragma once
#include <string>
#include <string_view>

#include "sandbox/app/sandbox_state.hpp"

namespace carillon::sandbox {

struct MessageFilter {
  std::string to;        // the whole recipient; "" = any
  std::string provider;  // a name; "" = any
  std::size_t limit = 100;
};

std::string messages_json(const SandboxState& state, const MessageFilter& filter);  // array, newest last
std::string stats_json(const SandboxState& state);
std::string calls_json(
    const SandboxState& state);  // array of [message_id, attempt, provider, received_at_us, answered, outcome]

bool is_recipient(std::string_view to, std::string_view wanted);  // `to` may be a list or "Name <address>"

}  // namespace carillon::sandbox
