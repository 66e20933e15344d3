// /healthz (alive), /readyz (can do its work, says what is missing), /metrics.
#pragma once
#include <vector>

#include "http/router.hpp"
#include "postgres/pool.hpp"
#include "service/service.hpp"

namespace carillon::service {

// Is the database reachable? Asks at most once a second; meanwhile, and while one thread is asking, the last answer
// stands.
ReadyCheck postgres_check(pg::Pool& pool, const Clock& clock);

void add_health_routes(http::Router& router, metrics::Registry& registry, std::vector<ReadyCheck> checks);

}  // namespace carillon::service
