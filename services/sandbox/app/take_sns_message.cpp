#include "sandbox/app/take_sns_message.hpp"

#include <cstdlib>

#include "sandbox/app/aws_answer.hpp"
#include "sandbox/app/refusal.hpp"
#include "sandbox/app/settle_call.hpp"
#include "sandbox/core/form.hpp"
#include "sandbox/core/message_attributes.hpp"
#include "sandbox/core/provider_id.hpp"
#include "values/recipient.hpp"

namespace carillon::sandbox {
namespace {

constexpr std::string_view version = "2010-03-31";

class SnsDialect final : public Dialect {
 public:
  std::string id_of(const std::string& digits) const override { return uuid_form(digits); }
  std::string accepted(const std::string& id) const override {
    return http_response(200, "text/xml",
                         "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\n  <PublishResult>\n    "
                         "<MessageId>" +
                             id + "</MessageId>\n  </PublishResult>\n  <ResponseMetadata>\n    <RequestId>" + id +
                             "</RequestId>\n  </ResponseMetadata>\n</PublishResponse>\n");
  }
  std::string refused(const Order& order) const override {
    const Refusal refusal = refusal_of(ProviderName::SNS, order, "InvalidClientTokenId");
    if (order.body.empty()) return sns_error(order.status, refusal.code, refusal.message, retry_header(order));
    return http_response(order.status, "text/xml", order.body, retry_header(order));
  }
  std::string garbage() const override { return http_response(200, "text/xml", "<html>\x01 this is not an answer"); }
};

std::string attribute_fault(std::string_view form) {
  for (const MessageAttribute& attribute : message_attributes(form)) {
    if (attribute.data_type.empty())
      return "The message attribute '" + attribute.name + "' must contain non-empty message attribute type.";
    if (attribute.value.empty())
      return "The message attribute '" + attribute.name + "' must contain non-empty message attribute value.";
    if (attribute.name == "AWS.SNS.SMS.SMSType" && attribute.value != "Promotional" &&
        attribute.value != "Transactional")
      return "Invalid parameter: AWS.SNS.SMS.SMSType Reason: it is Promotional or Transactional";
  }
  return {};
}

// "attempt=2; max=3" -> "2"
std::string_view attempt_of(std::string_view header) {
  constexpr std::string_view name = "attempt=";
  const std::size_t at = header.find(name);
  if (at == std::string_view::npos) return {};
  const std::string_view value = header.substr(at + name.size());
  return value.substr(0, value.find(';'));
}

}  // namespace

Answer take_sns_message(SandboxState& state, const HttpRequest& request) {
  // Publish names no message; AWS's SDKs name a call by these headers, and the platform its message.
  const std::string_view message_id = request.header("amz-sdk-invocation-id");
  const std::string attempt(attempt_of(request.header("amz-sdk-request")));
  const auto refuse = [&](int status, std::string_view code, std::string_view message) {
    return refuse_call(state, ProviderName::SNS, message_id, std::atoi(attempt.c_str()),
                       sns_error(status, code, message));
  };
  if (const auto fault = signature_fault(request, "sns")) return refuse(fault->status, fault->code, fault->message);
  const std::string action = form_value(request.body, "Action");
  if (action != "Publish" || form_value(request.body, "Version") != version)
    return refuse(400, "InvalidAction", "The sandbox knows the action Publish of version 2010-03-31 only.");
  if (!form_value(request.body, "TopicArn").empty() || !form_value(request.body, "TargetArn").empty())
    return refuse(404, "NotFound", "Topic does not exist");
  const std::string to = form_value(request.body, "PhoneNumber");
  if (to.empty())
    return refuse(400, "InvalidParameter",
                  "Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter");
  if (!parse_e164(to))
    return refuse(400, "InvalidParameter", "Invalid parameter: PhoneNumber Reason: it is not valid to publish to");
  if (form_value(request.body, "Message").empty())
    return refuse(400, "InvalidParameter", "Invalid parameter: Empty message");
  if (const std::string fault = attribute_fault(request.body); !fault.empty())
    return refuse(400, "ParameterValueInvalid", fault);
  ProviderCall call;
  call.provider = ProviderName::SNS;
  call.recipient = to;
  call.tag("message_id", message_id);
  call.tag("attempt", attempt);
  call.envelope = std::string(message_id) + "\n" + attempt;
  call.raw = request.body;
  return settle_call(state, std::move(call), SnsDialect());
}

}  // namespace carillon::sandbox
