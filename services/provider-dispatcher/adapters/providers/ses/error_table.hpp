// Answers of the SES API v2 to SendEmail
// (https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors). Pure.
#pragma once
#include <string>
#include <string_view>

#include "http/message.hpp"
#include "provider-dispatcher/core/outcome.hpp"

namespace carillon::dispatcher::ses {

Outcome read_answer(int status, const http::Fields& headers, std::string_view body);

// What SES calls an error, "BadRequestException": from the header x-amzn-errortype, else from "__type" or "code" in the
// body, without namespace and URL; "" when it names none.
std::string error_code(const http::Fields& headers, std::string_view body);
std::string error_message(std::string_view body);  // "" when there is none

}  // namespace carillon::dispatcher::ses
