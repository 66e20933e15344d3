// Errors that every service of AWS may answer with, whatever its own are
// (https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html; the throttling codes are those that the SDKs
// retry on). Services of the Query protocol and REST services spell them without and with "Exception". Pure.
#pragma once
#include <string_view>

#include "provider-dispatcher/core/outcome.hpp"

namespace carillon::dispatcher::aws {

struct ErrorKind {
  OutcomeKind kind;
  Reason reason;
};

// nullptr for a code that is the service's own or unknown.
const ErrorKind* common_error(std::string_view code);

}  // namespace carillon::dispatcher::aws
