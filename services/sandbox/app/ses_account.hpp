// SES v2 beside sending: GET /v2/email/account (GetAccount), POST /v2/email/identities (CreateEmailIdentity) and
// GET /v2/email/identities/{identity} (GetEmailIdentity). No orders apply here, and no call is counted.
#pragma once
#include "sandbox/adapters/http_session.hpp"
#include "sandbox/app/sandbox_state.hpp"

namespace carillon::sandbox {

Answer ses_account(SandboxState& state, const HttpRequest& request);
Answer create_ses_identity(SandboxState& state, const HttpRequest& request);
Answer get_ses_identity(SandboxState& state, const HttpRequest& request);

inline constexpr std::string_view ses_identities_path = "/v2/email/identities";
inline constexpr std::string_view ses_identity_path_begin = "/v2/email/identities/";

}  // namespace carillon::sandbox
