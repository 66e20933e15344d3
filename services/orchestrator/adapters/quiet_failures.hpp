// For routes whose paths hold what no log may show, such as an address: their failures become answers here, instead of
// in the server's hook, which logs the path.
#pragma once
#include "http/router.hpp"

namespace carillon::orchestrator {

// As given, but what they throw becomes 503 with Retry-After (database away or busy) or 500, logged without the path.
http::Handler quiet_handler(http::Handler handler);
http::Guard quiet_guard(http::Guard guard);

}  // namespace carillon::orchestrator
