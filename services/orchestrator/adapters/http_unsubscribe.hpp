// GET and POST /unsubscribe/{token}: without an API key, for people and for their mail programs (RFC 8058). GET only
// shows a page, since mail scanners follow links; POST unsubscribes, as often as it comes. A token that is none of ours
// costs no statement.
#pragma once
#include "http/router.hpp"
#include "orchestrator/app/suppressions.hpp"

namespace carillon::orchestrator {

// Handlers block on the database.
void add_unsubscribe_routes(http::Router& router, Suppressions& suppressions, const security::Sealer& sealer);

}  // namespace carillon::orchestrator
