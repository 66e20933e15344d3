// SendGrid's answers to POST /v3/mail/send. It has no error codes: the status, the field and the words decide
// (https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/errors). Pure.
#pragma once
#include <string_view>

#include "http/message.hpp"
#include "provider-dispatcher/core/outcome.hpp"

namespace carillon::dispatcher::sendgrid {

Outcome read_answer(int status, const http::Fields& headers, std::string_view body);

}  // namespace carillon::dispatcher::sendgrid
