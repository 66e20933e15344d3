// POST /email as Postmark has it.
#pragma once
#include "sandbox/adapters/http_session.hpp"
#include "sandbox/app/sandbox_state.hpp"

namespace carillon::sandbox {

Answer take_postmark_email(SandboxState& state, const HttpRequest& request);

}  // namespace carillon::sandbox
