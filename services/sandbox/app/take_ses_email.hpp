// POST /v2/email/outbound-emails as SES v2 has it (SendEmail), with simple content.
#pragma once
#include "sandbox/adapters/http_session.hpp"
#include "sandbox/app/sandbox_state.hpp"

namespace carillon::sandbox {

Answer take_ses_email(SandboxState& state, const HttpRequest& request);

}  // namespace carillon::sandbox
