// SNS's answers to Publish (https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors). Pure.
#pragma once
#include <string_view>

#include "http/message.hpp"
#include "provider-dispatcher/core/outcome.hpp"

namespace carillon::dispatcher::sns {

Outcome read_answer(int status, const http::Fields& headers, std::string_view body);

}  // namespace carillon::dispatcher::sns
