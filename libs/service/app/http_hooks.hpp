// What the HTTP server reports to the process: metrics and access log of each answer, answers for exceptions.
#pragma once
#include "http/server.hpp"
#include "service/metrics.hpp"

namespace carillon::service {

// `registry` must outlive the server that gets the hooks.
http::ServerHooks make_http_hooks(metrics::Registry& registry);

}  // namespace carillon::service
