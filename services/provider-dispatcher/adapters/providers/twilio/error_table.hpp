// Twilio's answers to creating a message (https://www.twilio.com/docs/api/errors). Pure.
#pragma once
#include <string_view>

#include "http/message.hpp"
#include "provider-dispatcher/core/outcome.hpp"

namespace carillon::dispatcher::twilio {

Outcome read_answer(int status, const http::Fields& headers, std::string_view body);

}  // namespace carillon::dispatcher::twilio
