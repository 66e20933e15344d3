// GET /api/admin/templates and GET /api/admin/templates/{key}: what there is to send, with versions and words.
#pragma once
#include "http/router.hpp"
#include "orchestrator/app/facts.hpp"
#include "postgres/pool.hpp"

namespace carillon::orchestrator {

// `guard` lets only admins through. Handlers block on the pool.
void add_template_routes(http::Router& router, const Facts& facts, pg::Pool& pool, http::Guard guard);

}  // namespace carillon::orchestrator
