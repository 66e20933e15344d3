// /admin/held: messages of which nobody knows whether they went out, and what an ADMIN decides about them. Blocks on
// the database.
#pragma once
#include "http/router.hpp"
#include "provider-dispatcher/app/resolve_message.hpp"
#include "service/service.hpp"

namespace carillon::dispatcher {

void add_held_pages(http::Router& router, service::Platform& platform, ResolveMessage& messages);

}  // namespace carillon::dispatcher
