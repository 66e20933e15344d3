// What makes two requests "the same body": everything but who carries it (ids, source, key, times, context). Pure.
#pragma once
#include <string>

#include "events/events.hpp"

namespace carillon::orchestrator {

// Canonical JSON: object members of `variables` sorted by name at every depth, numbers by value, no white space.
// `sealed` is left out: callers put the opened content back into recipient and variables first.
std::string canonical_body(const events::SendRequest& request);

}  // namespace carillon::orchestrator
