// POST /console/messages: SMS of the provider console, as JSON.
#pragma once
#include "sandbox/adapters/http_session.hpp"
#include "sandbox/app/sandbox_state.hpp"

namespace carillon::sandbox {

Answer take_console_message(SandboxState& state, const HttpRequest& request);

}  // namespace carillon::sandbox
