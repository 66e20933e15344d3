// The words of outcomes as they stand in message logs, metrics and audits.
#pragma once
#include <string_view>

#include "provider-dispatcher/core/outcome.hpp"

namespace carillon::dispatcher {

const char* kind_name(OutcomeKind kind);
const char* reason_name(Reason reason);

}  // namespace carillon::dispatcher
