// The sandbox's answers to POST /console/messages. Pure.
#pragma once
#include <string_view>

#include "provider-dispatcher/core/outcome.hpp"

namespace carillon::dispatcher::console {

Outcome read_answer(int status, std::string_view body);

}  // namespace carillon::dispatcher::console
