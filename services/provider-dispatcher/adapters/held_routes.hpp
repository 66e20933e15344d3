// GET /api/admin/messages/held and POST /api/admin/messages/{id}/resolve, as answers. Block on the database.
#pragma once
#include "http/message.hpp"
#include "provider-dispatcher/app/resolve_message.hpp"
#include "security/seal.hpp"

namespace carillon::dispatcher {

http::Response answer_held(const http::Request& request, ResolveMessage& messages, const security::Sealer& sealer);
http::Response answer_resolve(const http::Request& request, ResolveMessage& messages);

}  // namespace carillon::dispatcher
