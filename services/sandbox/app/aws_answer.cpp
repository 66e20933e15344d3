#include "sandbox/app/aws_answer.hpp"

#include "http/message.hpp"
#include "sandbox/core/authorization.hpp"

namespace carillon::sandbox {
namespace {

// Nobody looks up requests of the sandbox, so all have one id.
constexpr std::string_view request_id = "5a9d0b0e-0000-4000-8000-000000000000";

}  // namespace

std::string ses_error(int status, std::string_view type, std::string_view message, std::string_view headers) {
  std::string all = "x-amzn-RequestId: " + std::string(request_id) + "\r\nx-amzn-errortype: " + std::string(type);
  all += "\r\n";
  all += headers;
  return http_response(status, "application/json", "{\"message\":" + http::json_string(message) + "}", all);
}

std::string sns_error(int status, std::string_view code, std::string_view message, std::string_view headers) {
  const std::string body = "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\n  <Error>\n    <Type>" +
                           std::string(status >= 500 ? "Receiver" : "Sender") + "</Type>\n    <Code>" + xml_text(code) +
                           "</Code>\n    <Message>" + xml_text(message) + "</Message>\n  </Error>\n  <RequestId>" +
                           std::string(request_id) + "</RequestId>\n</ErrorResponse>\n";
  return http_response(status, "text/xml", body, headers);
}

std::optional<AwsRefusal> signature_fault(const HttpRequest& request, std::string_view service) {
  switch (sigv4_form(request.header("Authorization"), request.header("X-Amz-Date"), service)) {
    case SigV4::MISSING:
      return AwsRefusal{403, "MissingAuthenticationToken", "Missing Authentication Token"};
    case SigV4::INCOMPLETE:
      return AwsRefusal{400, "IncompleteSignature",
                        "The Authorization header is not of the form that Signature Version 4 asks for."};
    case SigV4::OTHER_SERVICE:
      return AwsRefusal{403, "SignatureDoesNotMatch",
                        "Credential should be scoped to correct service: '" + std::string(service) + "'."};
    case SigV4::WELL_FORMED:
      break;
  }
  return std::nullopt;
}

std::string xml_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&apos;";
        break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') out += c;
    }
  }
  return out;
}

}  // namespace carillon::sandbox
