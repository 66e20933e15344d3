// POST /2010-04-01/Accounts/{Sid}/Messages.json as Twilio has it.
#pragma once
#include "sandbox/adapters/http_session.hpp"
#include "sandbox/app/sandbox_state.hpp"

namespace carillon::sandbox {

// The account of such a path; "" for any other path.
std::string_view twilio_account_of(std::string_view path);
Answer take_twilio_message(SandboxState& state, const HttpRequest& request);

}  // namespace carillon::sandbox
