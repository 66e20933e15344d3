// Which request goes where: the providers' APIs, the control API, the pages.
#pragma once
#include "sandbox/adapters/http_session.hpp"
#include "sandbox/adapters/inbox_page.hpp"
#include "sandbox/adapters/otp_relay.hpp"
#include "sandbox/adapters/stripe_routes.hpp"
#include "sandbox/app/sandbox_state.hpp"

namespace carillon::sandbox {

// All must outlive the handler.
HttpHandler make_routes(SandboxState& state, const InboxPage& page, OtpRelay& otp_relay, StripeRoutes& stripe);

}  // namespace carillon::sandbox
