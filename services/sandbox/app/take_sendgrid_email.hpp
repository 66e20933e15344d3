// POST /v3/mail/send as SendGrid has it.
#pragma once
#include "sandbox/adapters/http_session.hpp"
#include "sandbox/app/sandbox_state.hpp"

namespace carillon::sandbox {

Answer take_sendgrid_email(SandboxState& state, const HttpRequest& request);

}  // namespace carillon::sandbox
