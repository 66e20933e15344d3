// A whole mail over SMTP.
#pragma once
#include "sandbox/adapters/smtp_session.hpp"
#include "sandbox/app/sandbox_state.hpp"

namespace carillon::sandbox {

Answer take_smtp_mail(SandboxState& state, SmtpMail&& mail);

}  // namespace carillon::sandbox
