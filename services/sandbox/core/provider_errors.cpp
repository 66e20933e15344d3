#include "sandbox/core/provider_errors.hpp"

namespace carillon::sandbox {
namespace {

using enum ProviderName;

// Of several with one status the first is the usual one.
constexpr ProviderError errors[] = {
    {POSTMARK, 401, "10", "The Server Token you provided in the X-Postmark-Server-Token request header is invalid."},
    {POSTMARK, 422, "300", "The e-mail request is invalid."},
    {POSTMARK, 503, "100", "The API is down for maintenance."},
    {POSTMARK, 422, "400", "The 'From' address is not a Sender Signature on your account."},
    {POSTMARK, 422, "401", "The Sender Signature of the 'From' address is not confirmed."},
    {POSTMARK, 422, "402", "Invalid JSON."},
    {POSTMARK, 422, "403", "Incompatible JSON."},
    {POSTMARK, 422, "405", "Not allowed to send: your account has run out of credits."},
    {POSTMARK, 422, "406", "You tried to send to a recipient that has been marked as inactive."},
    {POSTMARK, 422, "409", "JSON required."},
    {POSTMARK, 422, "411", "Forbidden attachment type."},
    {POSTMARK, 422, "412", "Your account is pending approval."},
    {POSTMARK, 422, "413", "Your account may not send."},
    {POSTMARK, 422, "1235", "The message stream provided does not exist."},
    {POSTMARK, 406, "406", "You tried to send to a recipient that has been marked as inactive."},

    {TWILIO, 400, "21211", "The 'To' number is not a valid phone number."},
    {TWILIO, 401, "20003", "Authenticate"},
    {TWILIO, 403, "20005", "Account not active"},
    {TWILIO, 404, "20404", "The requested resource was not found"},
    {TWILIO, 429, "20429", "Too Many Requests"},
    {TWILIO, 500, "20500", "An internal server error has occurred"},
    {TWILIO, 503, "20503", "Service unavailable"},
    {TWILIO, 400, "21408", "Permission to send an SMS has not been enabled for the region of the 'To' number"},
    {TWILIO, 400, "21602", "Message body is required."},
    {TWILIO, 400, "21606", "The 'From' phone number is not a valid, SMS-capable number of your account."},
    {TWILIO, 400, "21610", "Attempt to send to unsubscribed recipient"},
    {TWILIO, 400, "21611", "The 'From' number has exceeded the maximum number of queued messages"},
    {TWILIO, 400, "21614", "'To' number is not a valid mobile number"},
    {TWILIO, 400, "21617", "The concatenated message body exceeds the 1600 character limit"},
    // What follows is told about a delivery; the API itself hardly ever answers with it.
    {TWILIO, 400, "30001", "Queue overflow"},
    {TWILIO, 400, "30002", "Account suspended"},
    {TWILIO, 400, "30005", "Unknown destination handset"},
    {TWILIO, 400, "30006", "Landline or unreachable carrier"},
    {TWILIO, 400, "30007", "Message filtered"},
    {TWILIO, 400, "30017", "Carrier network congestion"},
    {TWILIO, 400, "30022", "US A2P 10DLC rate limits exceeded"},

    {SES, 400, "BadRequestException", "The input you provided is invalid."},
    {SES, 400, "MessageRejected", "Email address is not verified. The following identities failed the check."},
    {SES, 400, "SendingPausedException", "Email sending has been disabled for this account."},
    {SES, 400, "AccountSuspendedException", "The account's ability to send email has been permanently restricted."},
    {SES, 400, "MailFromDomainNotVerifiedException", "The sending domain is not verified."},
    {SES, 400, "LimitExceededException", "Daily message quota exceeded."},
    {SES, 404, "NotFoundException", "The configuration set does not exist."},
    {SES, 429, "TooManyRequestsException", "Maximum sending rate exceeded."},
    {SES, 400, "ThrottlingException", "Rate exceeded"},
    {SES, 500, "InternalServiceErrorException", "The request couldn't be processed because of an internal error."},
    {SES, 500, "InternalFailure", "The request processing has failed because of an unknown error."},
    {SES, 503, "ServiceUnavailableException", "The service is temporarily unable to handle the request."},
    {SES, 503, "ServiceUnavailable", "The request has failed due to a temporary failure of the server."},
    {SES, 403, "UnrecognizedClientException", "The security token included in the request is invalid."},
    {SES, 403, "InvalidClientTokenId", "The security token included in the request is invalid."},
    {SES, 403, "SignatureDoesNotMatch", "The request signature we calculated does not match the one you provided."},
    {SES, 403, "InvalidSignatureException", "The request signature we calculated does not match the one you provided."},
    {SES, 403, "MissingAuthenticationTokenException", "Missing Authentication Token"},
    {SES, 400, "IncompleteSignatureException", "The Authorization header is incomplete."},
    {SES, 403, "ExpiredTokenException", "The security token included in the request is expired"},
    {SES, 403, "AccessDeniedException", "You are not authorized to perform: ses:SendEmail"},

    {SNS, 400, "InvalidParameter", "Invalid parameter: PhoneNumber Reason: it is not valid to publish to"},
    {SNS, 400, "ParameterValueInvalid", "Invalid parameter value"},
    {SNS, 400, "ValidationException", "A parameter in the request does not conform to a specified limit"},
    {SNS, 400, "OptedOut", "Cannot send an SMS to a phone number that has opted out"},
    {SNS, 429, "Throttled", "Rate exceeded"},
    {SNS, 400, "Throttling", "Rate exceeded"},
    {SNS, 400, "KMSThrottling", "The request was denied due to request throttling at KMS"},
    {SNS, 400, "KMSAccessDenied", "The ciphertext references a key that you don't have access to"},
    {SNS, 400, "KMSDisabled", "The request was rejected because the specified key isn't enabled"},
    {SNS, 400, "KMSInvalidState", "The request was rejected because the state of the specified key isn't valid"},
    {SNS, 400, "KMSNotFound", "The request was rejected because the specified key can't be found"},
    {SNS, 403, "KMSOptInRequired", "The AWS access key ID needs a subscription for the service"},
    {SNS, 500, "InternalError", "An internal error has occurred"},
    {SNS, 500, "InternalFailure", "The request processing has failed because of an unknown error."},
    {SNS, 503, "ServiceUnavailable", "The request has failed due to a temporary failure of the server."},
    {SNS, 403, "AuthorizationError", "You are not authorized to perform: SNS:Publish"},
    {SNS, 403, "AccessDenied", "You are not authorized to perform: SNS:Publish"},
    {SNS, 403, "InvalidSecurity", "The credential signature isn't valid."},
    {SNS, 403, "InvalidClientTokenId", "The security token included in the request is invalid."},
    {SNS, 403, "SignatureDoesNotMatch", "The request signature we calculated does not match the one you provided."},
    {SNS, 403, "MissingAuthenticationToken", "Request is missing Authentication Token"},
    {SNS, 400, "IncompleteSignature", "The Authorization header is incomplete."},
    {SNS, 403, "ExpiredToken", "The security token included in the request is expired"},
    {SNS, 404, "NotFound", "Topic does not exist"},
    {SNS, 400, "EndpointDisabled", "Endpoint is disabled"},
    {SNS, 400, "InvalidAction", "The action is not valid for this web service."},

    {SENDGRID, 400, "bad_request", "Bad Request"},
    {SENDGRID, 400, "invalid_recipient", "Does not contain a valid address.", "personalizations.0.to.0.email"},
    {SENDGRID, 400, "invalid_sender", "Does not contain a valid address.", "from.email"},
    {SENDGRID, 401, "unauthorized", "The provided authorization grant is invalid, expired, or revoked"},
    {SENDGRID, 401, "credits_exceeded", "Maximum credits exceeded"},
    {SENDGRID, 403, "from_mismatch",
     "The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved.",
     "from"},
    {SENDGRID, 403, "temporary_block", "Too many bad requests. Temporary block"},
    {SENDGRID, 403, "access_forbidden", "access forbidden"},
    {SENDGRID, 413, "payload_too_large", "The JSON payload you have included in your request is too large."},
    {SENDGRID, 415, "unsupported_media_type", "Content-Type should be application/json."},
    {SENDGRID, 429, "too_many_requests", "too many requests"},
    {SENDGRID, 451, "data_residency", "Unavailable due to data residency restrictions"},
    {SENDGRID, 500, "internal_error", "Internal Server Error"},
    {SENDGRID, 503, "unavailable", "The SendGrid v3 Web API is not available."},

    {SLACK, 400, "invalid_payload", ""},
    {SLACK, 400, "no_text", ""},
    {SLACK, 400, "user_not_found", ""},
    {SLACK, 400, "too_many_attachments", ""},
    {SLACK, 403, "action_prohibited", ""},
    {SLACK, 403, "invalid_token", ""},
    {SLACK, 403, "posting_to_general_channel_denied", ""},
    {SLACK, 404, "no_service", ""},
    {SLACK, 404, "no_team", ""},
    {SLACK, 404, "no_active_hooks", ""},
    {SLACK, 404, "channel_not_found", ""},
    {SLACK, 410, "channel_is_archived", ""},
    {SLACK, 429, "rate_limited", ""},
    {SLACK, 500, "rollup_error", ""},
    {SLACK, 503, "service_unavailable", ""},
};

}  // namespace

const ProviderError* find_error(ProviderName provider, std::string_view code) {
  for (const ProviderError& error : errors) {
    if (error.provider == provider && error.code == code) return &error;
  }
  return nullptr;
}

const ProviderError* usual_error(ProviderName provider, int status) {
  for (const ProviderError& error : errors) {
    if (error.provider == provider && error.status == status) return &error;
  }
  return nullptr;
}

}  // namespace carillon::sandbox
