// GET /api/admin/messages/held and POST /api/admin/messages/{id}/resolve, as answers. Block on the database.
#pragma once
#include "http/message.hpp"
#include "provider-dispatcher/app/resolve_message.hpp"
#include "security/seal.hpp"

namespace carillon::dispatcher {

http::Response answer_held(const http::Request& request, ResolveMessage& messages, const security::Sealer& sealer);
// SENT, FAILED or RESEND.
std::optional<ResolveAs> resolve_as(std::string_view text);
// Masked; what is sealed is opened for its mask alone.
std::string held_recipient(const events::Dispatch& dispatch, const security::Sealer& sealer);

http::Response answer_resolve(const http::Request& request, ResolveMessage& messages);

}  // namespace carillon::dispatcher
