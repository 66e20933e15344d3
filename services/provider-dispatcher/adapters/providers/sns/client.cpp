#include "provider-dispatcher/adapters/providers/sns/client.hpp"

#include "http/url.hpp"
#include "provider-dispatcher/adapters/providers/http_answer.hpp"
#include "provider-dispatcher/adapters/providers/sns/error_table.hpp"
#include "values/message_id.hpp"
#include "values/recipient.hpp"

namespace carillon::dispatcher {
namespace {

constexpr const char* signing_name = "sns";

void add_attribute(http::Fields& form, int& count, const std::string& name, const std::string& value) {
  const std::string entry = "MessageAttributes.entry." + std::to_string(++count) + ".";
  form.emplace_back(entry + "Name", name);
  form.emplace_back(entry + "Value.DataType", "String");
  form.emplace_back(entry + "Value.StringValue", value);
}

// Publish takes nothing that could name a message; these headers of AWS's SDKs identify a call and its attempt.
void add_call_id(http::Fields& headers, const OutboundMessage& message) {
  if (!is_uuid(message.message_id)) return;
  headers.emplace_back("amz-sdk-invocation-id", message.message_id);
  headers.emplace_back("amz-sdk-request", "attempt=" + std::to_string(message.attempt));
}

}  // namespace

std::string sns::request_body(const SnsSettings& settings, const OutboundMessage& message) {
  http::Fields form{
      {"Action", "Publish"}, {"Version", "2010-03-31"}, {"PhoneNumber", message.recipient}, {"Message", message.text}};
  int attributes = 0;
  add_attribute(form, attributes, "AWS.SNS.SMS.SMSType", settings.sms_type);
  if (!message.from_number.empty()) {
    add_attribute(form, attributes, "AWS.MM.SMS.OriginationNumber", message.from_number);
  } else if (!settings.sender_id.empty()) {
    add_attribute(form, attributes, "AWS.SNS.SMS.SenderID", settings.sender_id);
  }
  return http::form_encoded(form);
}

SnsClient::SnsClient(SnsSettings settings, std::shared_ptr<const aws::SignedCalls> aws, CallLimits limits)
    : settings_(std::move(settings)), aws_(std::move(aws)), limits_(limits) {}

void SnsClient::send(const OutboundMessage& message, UtcTime now, std::function<void(Outcome)> done) {
  if (!parse_e164(message.recipient))
    return done(recipient_not_usable("the recipient is not a phone number in E.164 form"));
  http::Call call;
  call.url = (settings_.base_url.empty() ? aws_->settings().endpoint("sns") : settings_.base_url) + "/";
  call.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
  add_call_id(call.headers, message);
  call.body = sns::request_body(settings_, message);
  call.connect_timeout = limits_.connect_timeout;
  call.timeout = limits_.timeout;
  call.answer_bytes_max = limits_.answer_bytes_max;
  aws_->call(std::move(call), signing_name, now, [now, done = std::move(done)](auto answer) {
    if (!answer) return done(aws::outcome_without_credentials(answer.error()));
    done(outcome_of(answer->answer, now, sns::read_answer, answer->secrets));
  });
}

}  // namespace carillon::dispatcher
