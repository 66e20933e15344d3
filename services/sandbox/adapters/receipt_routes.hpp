// The routes around receipts: orders for them, the keys they are signed with, and what SNS serves to those who get its
// messages. nullopt: the request is for none of these.
#pragma once
#include <optional>

#include "sandbox/adapters/http_session.hpp"
#include "sandbox/app/sandbox_state.hpp"

namespace carillon::sandbox {

// /receipts, /receipts/keys, and of these SendGrid's key and SNS's root alone, as files.
std::optional<Answer> receipts_page(SandboxState& state, const HttpRequest& request);
// GET /?Action=ConfirmSubscription..., the signing certificate and that of its issuer.
std::optional<Answer> sns_page(SandboxState& state, const HttpRequest& request);

}  // namespace carillon::sandbox
