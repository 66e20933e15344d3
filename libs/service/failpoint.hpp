// Failpoints: named places where a test makes the process die or fail, to prove crash safety without luck.
// CARILLON_FAILPOINTS="dispatcher.claim.committed=kill@3;orchestrator.decided=error@1": at the third pass SIGKILL
// itself; at the first throw pg::Unavailable. Costs one relaxed load when none is set.
#pragma once
#include <string_view>

namespace carillon {

void configure_failpoints(std::string_view text);  // throws std::invalid_argument on bad syntax
void failpoint(const char* name);

}  // namespace carillon
