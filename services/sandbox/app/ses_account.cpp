#include "sandbox/app/ses_account.hpp"

#include "http/url.hpp"
#include "sandbox/app/aws_answer.hpp"
#include "sandbox/app/call_json.hpp"

namespace carillon::sandbox {
namespace {

constexpr std::size_t identities_max = 10'000;  // SES's own quota for a region
constexpr std::size_t identity_chars_max = 320;

std::optional<Answer> unauthorized(const HttpRequest& request) {
  const auto fault = signature_fault(request, "ses");
  if (!fault) return std::nullopt;
  return send_at_once(ses_error(fault->status, std::string(fault->code) + "Exception", fault->message));
}

// Nobody clicks on the mail that SES would send now, so an identity stays pending.
std::string identity_json(std::string_view identity, std::string_view more) {
  const bool address = identity.find('@') != std::string_view::npos;
  std::string out = "{\"IdentityType\":\"";
  out += address ? "EMAIL_ADDRESS" : "DOMAIN";
  out += "\",\"VerifiedForSendingStatus\":false,\"DkimAttributes\":{\"SigningEnabled\":false,\"Status\":\"";
  out += address ? "NOT_STARTED" : "PENDING";
  out += "\",\"Tokens\":[],\"SigningAttributesOrigin\":\"AWS_SES\"}";
  out += more;
  return out + "}";
}

}  // namespace

Answer ses_account(SandboxState& state, const HttpRequest& request) {
  if (auto refused = unauthorized(request)) return *refused;
  // An account as SES gives it to everybody at first.
  return send_at_once(http_response(
      200, "application/json",
      R"({"DedicatedIpAutoWarmupEnabled":false,"EnforcementStatus":"HEALTHY","ProductionAccessEnabled":false,)"
      R"("SendQuota":{"Max24HourSend":200.0,"MaxSendRate":1.0,"SentLast24Hours":)" +
          std::to_string(state.inbox.figures(ProviderName::SES).accepted) +
          R"(.0},"SendingEnabled":true,"SuppressionAttributes":{"SuppressedReasons":["BOUNCE","COMPLAINT"]}})"));
}

Answer create_ses_identity(SandboxState& state, const HttpRequest& request) {
  if (auto refused = unauthorized(request)) return *refused;
  const CallJson json(request.body);
  const std::string identity(json.object() == nullptr ? "" : text_of(*json.object(), "EmailIdentity"));
  if (identity.empty() || identity.size() > identity_chars_max)
    return send_at_once(ses_error(400, "BadRequestException", "EmailIdentity must be an address or a domain."));
  if (state.ses_identities.count(identity) != 0)
    return send_at_once(ses_error(400, "AlreadyExistsException", "Email identity " + identity + " already exist."));
  if (state.ses_identities.size() >= identities_max)
    return send_at_once(ses_error(400, "LimitExceededException", "Number of identities exceeds the limit."));
  state.ses_identities.insert(identity);
  return send_at_once(http_response(200, "application/json", identity_json(identity, "")));
}

Answer get_ses_identity(SandboxState& state, const HttpRequest& request) {
  if (auto refused = unauthorized(request)) return *refused;
  const std::string identity =
      http::percent_decoded(request.path.substr(ses_identity_path_begin.size())).value_or(std::string());
  if (state.ses_identities.count(identity) == 0)
    return send_at_once(ses_error(404, "NotFoundException", "Email identity " + identity + " does not exist."));
  return send_at_once(http_response(
      200, "application/json",
      identity_json(identity,
                    R"(,"FeedbackForwardingStatus":true,"Policies":{},"Tags":[],"VerificationStatus":"PENDING")")));
}

}  // namespace carillon::sandbox
