// POST /services/... and /workflows/... as Slack's incoming webhooks have them. The URL is the recipient.
#pragma once
#include "sandbox/adapters/http_session.hpp"
#include "sandbox/app/sandbox_state.hpp"

namespace carillon::sandbox {

bool is_slack_path(std::string_view path);
Answer take_slack_message(SandboxState& state, const HttpRequest& request);

}  // namespace carillon::sandbox
