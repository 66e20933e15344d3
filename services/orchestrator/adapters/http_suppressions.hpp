// GET and POST /api/admin/suppressions, DELETE /api/admin/suppressions/{channel}/{recipient}: who must not be written
// to, and who has unsubscribed from what. Addresses come in, only hashes go out, and neither logs nor answers repeat an
// address.
#pragma once
#include "http/router.hpp"
#include "orchestrator/app/suppressions.hpp"

namespace carillon::orchestrator {

// `guard` lets only admins through and leaves params["api_key_owner"]. Handlers block on the database.
void add_suppression_routes(http::Router& router, Suppressions& suppressions, const security::Sealer& sealer,
                            http::Guard guard);

}  // namespace carillon::orchestrator
