#include "provisioning/adapters/http_answers.hpp"

#include <array>

#include "pages/visitor.hpp"

namespace carillon::provisioning {
namespace {

struct CodeStatus {
  std::string_view code;
  int status;
};

constexpr std::array<CodeStatus, 19> statuses{{{"UNSUPPORTED_MEDIA_TYPE", 415},
                                               {"CLIENT_NOT_FOUND", 404},
                                               {"JOB_NOT_FOUND", 404},
                                               {"CLIENT_EXISTS", 409},
                                               {"OWNER_PHONE_TAKEN", 409},
                                               {"TWILIO_NUMBER_TAKEN", 409},
                                               {"JOB_NOT_FAILED", 409},
                                               {"CLIENT_HAS_NO_EMAIL", 409},
                                               {"EMAIL_TAKEN", 409},
                                               {"ACCOUNT_CLOSED", 409},
                                               {"INVALID_EMAIL_ADDRESS", 409},
                                               {"PUBLIC_URL_MISSING", 503},
                                               {"VERSION_MISMATCH", 412},
                                               {"ACCOUNT_NOT_READY", 403},
                                               {"COMPLIANCE_ITEM_NOT_FOUND", 404},
                                               {"COMPLIANCE_ITEMS_FULL", 409},
                                               {"SCHEDULED_JOB_NOT_FOUND", 404},
                                               {"SCHEDULED_JOB_RUNS", 409},
                                               {"TOO_MANY_REPORTS", 429}}};
constexpr int bad_request = 400;

int status_of(std::string_view code) {
  for (const CodeStatus& each : statuses)
    if (each.code == code) return each.status;
  return bad_request;
}

}  // namespace

Caller caller_of(const http::Request& request) {
  return {pages::actor_of(request), request.traceparent};
}

http::Response refused(const Failure& failure) {
  const auto colon = failure.detail.find(": ");
  const std::string field = colon == std::string::npos ? "" : failure.detail.substr(0, colon);
  const bool is_field = !field.empty() && field.find(' ') == std::string::npos;
  return http::problem(status_of(failure.code), failure.code, failure.detail,
                       is_field ? "\"field\":" + http::json_string(field) : "");
}

}  // namespace carillon::provisioning
