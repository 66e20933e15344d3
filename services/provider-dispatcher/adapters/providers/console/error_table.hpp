// The sandbox's answers to POST /console/messages. Pure.
#pragma once
#include <string_view>

#include "http/message.hpp"
#include "provider-dispatcher/core/outcome.hpp"

namespace carillon::dispatcher::console {

Outcome read_answer(int status, const http::Fields& headers, std::string_view body);

}  // namespace carillon::dispatcher::console
