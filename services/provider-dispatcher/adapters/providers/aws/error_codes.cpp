#include "provider-dispatcher/adapters/providers/aws/error_codes.hpp"

#include <algorithm>
#include <iterator>

namespace carillon::dispatcher::aws {
namespace {

struct Row {
  std::string_view code;  // without "Exception" at its end
  ErrorKind means;
};

constexpr ErrorKind throttled{OutcomeKind::TRANSIENT, Reason::RATE_LIMITED};
constexpr ErrorKind broken{OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR};
constexpr ErrorKind unauthenticated{OutcomeKind::ACCOUNT, Reason::AUTHENTICATION};
constexpr ErrorKind not_subscribed{OutcomeKind::ACCOUNT, Reason::ACCOUNT_SUSPENDED};

constexpr Row rows[] = {
    {"Throttling", throttled},
    {"Throttled", throttled},
    {"ThrottledRequest", throttled},
    {"RequestThrottled", throttled},
    {"RequestLimitExceeded", throttled},
    {"TooManyRequests", throttled},
    {"BandwidthLimitExceeded", throttled},
    {"SlowDown", throttled},
    {"PriorRequestNotComplete", throttled},
    {"InternalError", broken},
    {"InternalFailure", broken},
    {"InternalServiceError", broken},
    {"ServiceUnavailable", broken},
    {"RequestTimeout", broken},
    {"AccessDenied", unauthenticated},         // the policy lacks the action
    {"AuthorizationError", unauthenticated},   // the same, in SNS's words
    {"NotAuthorized", unauthenticated},        // the same
    {"ExpiredToken", unauthenticated},         // of temporary credentials
    {"IncompleteSignature", unauthenticated},  // Authorization header
    {"InvalidAccessKeyId", unauthenticated},
    {"InvalidClientTokenId", unauthenticated},  // unknown or inactive access key
    {"InvalidSecurity", unauthenticated},       // signature, in SNS's words
    {"InvalidSignature", unauthenticated},      // wrong secret or clock
    {"MissingAuthenticationToken", unauthenticated},
    {"RequestExpired", unauthenticated},         // the clock is off
    {"RequestTimeTooSkewed", unauthenticated},   // the clock is off
    {"SignatureDoesNotMatch", unauthenticated},  // wrong secret or clock
    {"UnrecognizedClient", unauthenticated},     // unknown access key
    {"OptInRequired", not_subscribed},           // the account has not subscribed to the service
    {"SubscriptionRequired", not_subscribed},
};

}  // namespace

const ErrorKind* common_error(std::string_view code) {
  constexpr std::string_view suffix = "Exception";
  if (code.size() > suffix.size() && code.substr(code.size() - suffix.size()) == suffix)
    code.remove_suffix(suffix.size());
  const Row* row = std::find_if(std::begin(rows), std::end(rows), [code](const Row& one) { return one.code == code; });
  return row == std::end(rows) ? nullptr : &row->means;
}

}  // namespace carillon::dispatcher::aws
