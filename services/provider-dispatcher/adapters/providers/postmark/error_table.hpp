// Postmark's answers to POST /email (https://postmarkapp.com/developer/api/overview#error-codes). Pure.
#pragma once
#include <string_view>

#include "http/message.hpp"
#include "provider-dispatcher/core/outcome.hpp"

namespace carillon::dispatcher::postmark {

Outcome read_answer(int status, const http::Fields& headers, std::string_view body);

}  // namespace carillon::dispatcher::postmark
