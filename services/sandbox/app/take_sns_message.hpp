// POST / as SNS has it: the Query API of 2010-03-31, Action=Publish to a phone number.
#pragma once
#include "sandbox/adapters/http_session.hpp"
#include "sandbox/app/sandbox_state.hpp"

namespace carillon::sandbox {

Answer take_sns_message(SandboxState& state, const HttpRequest& request);

}  // namespace carillon::sandbox
