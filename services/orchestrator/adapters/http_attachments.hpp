// POST /api/attachments?file_name=...: stores the body as a file that later requests of the same API key's owner name
// by its id. The body may be larger than other routes take (Router::allow_large_body).
#pragma once
#include <chrono>
#include <cstdint>

#include "http/router.hpp"
#include "postgres/pool.hpp"
#include "service/metrics.hpp"
#include "time/clock.hpp"

namespace carillon::orchestrator {

struct AttachmentLimits {
  std::chrono::hours retention;
  std::int64_t bytes_per_owner;  // kept at once for one owner of API keys; more: 429
};

// `guard` lets through who may send and leaves params["api_key_owner"]. The handler blocks on the database. All outlive
// the router.
void add_attachment_routes(http::Router& router, pg::Pool& pool, const Clock& clock, AttachmentLimits limits,
                           metrics::Registry& metrics, http::Guard guard);

}  // namespace carillon::orchestrator
