// The errors that providers answer calls with, so that an order can ask for each by its code. Pure.
// Sources: postmarkapp.com/developer/api/overview, twilio.com/docs/api/errors, botocore's models of sesv2 and sns and
// AWS's common errors, twilio.com/docs/sendgrid (errors), api.slack.com (errors of incoming webhooks).
#pragma once
#include <string_view>

#include "sandbox/core/provider_name.hpp"

namespace carillon::sandbox {

struct ProviderError {
  ProviderName provider{};
  int status = 0;
  std::string_view code;  // as the answer has it; SendGrid's answers have none, so there it is a word of the sandbox
  std::string_view message;
  std::string_view field = {};  // SendGrid only: the field at fault
};

// nullptr when the provider has no such error.
const ProviderError* find_error(ProviderName provider, std::string_view code);
// The error that a provider usually means by a status; nullptr when it answers with no such status.
const ProviderError* usual_error(ProviderName provider, int status);

}  // namespace carillon::sandbox
