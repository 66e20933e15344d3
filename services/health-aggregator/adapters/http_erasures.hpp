// POST /api/admin/recipients/erase: forgets a recipient. Handlers run on the server's workers and block on the
// database.
#pragma once
#include "health-aggregator/app/erase_recipients.hpp"
#include "http/router.hpp"

namespace carillon::health {

void add_erasure_routes(http::Router& router, EraseRecipients& erase, http::Guard guard);

}  // namespace carillon::health
