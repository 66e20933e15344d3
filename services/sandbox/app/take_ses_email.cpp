#include "sandbox/app/take_ses_email.hpp"

#include "http/message.hpp"
#include "sandbox/app/aws_answer.hpp"
#include "sandbox/app/call_json.hpp"
#include "sandbox/app/refusal.hpp"
#include "sandbox/app/settle_call.hpp"
#include "sandbox/core/provider_id.hpp"

namespace carillon::sandbox {
namespace {

constexpr std::size_t headers_max = 15;  // MessageHeaderList of botocore's model
constexpr std::size_t tag_chars_max = 256;
constexpr std::size_t file_name_chars_max = 255;
constexpr std::string_view bad_request = "BadRequestException";

class SesDialect final : public Dialect {
 public:
  std::string id_of(const std::string& digits) const override {
    return "0100" + digits.substr(20) + "-" + uuid_form(digits) + "-000000";
  }
  std::string accepted(const std::string& id) const override {
    return http_response(200, "application/json", "{\"MessageId\":\"" + id + "\"}");
  }
  std::string refused(const Order& order) const override {
    const Refusal refusal = refusal_of(ProviderName::SES, order, "UnrecognizedClientException");
    if (order.body.empty()) return ses_error(order.status, refusal.code, refusal.message, retry_header(order));
    return http_response(order.status, "application/json", order.body,
                         "x-amzn-errortype: " + refusal.code + "\r\n" + retry_header(order));
  }
  std::string garbage() const override { return http_response(200, "application/json", "<html>\x01 this is not JSON"); }
};

bool is_tag_text(std::string_view text) {
  constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  return !text.empty() && text.size() <= tag_chars_max && text.find_first_not_of(allowed) == std::string_view::npos;
}

// Each of these returns "" when all is well, else what SES would complain about.
std::string_view read_recipient(const JsonValue& mail, ProviderCall& call) {
  const JsonValue* destination = object_of(mail, "Destination");
  const JsonValue* to = destination == nullptr ? nullptr : array_of(*destination, "ToAddresses");
  if (to == nullptr || to->Empty() || !(*to)[0].IsString())
    return "Missing required parameter: Destination.ToAddresses";
  if (to->Size() > 1) return "The sandbox takes one address in Destination.ToAddresses.";
  call.recipient = {(*to)[0].GetString(), (*to)[0].GetStringLength()};
  return call.recipient.find('@') == std::string_view::npos ? "Invalid email address." : "";
}

std::string_view check_attachments(const JsonValue& simple) {
  const JsonValue* files = array_of(simple, "Attachments");
  if (files == nullptr) return "";
  for (const JsonValue& file : files->GetArray()) {
    if (!file.IsObject() || text_of(file, "RawContent").empty()) return "Attachment RawContent is required.";
    const std::string_view name = text_of(file, "FileName");
    if (name.empty() || name.size() > file_name_chars_max) return "Attachment FileName must have 1 to 255 characters.";
  }
  return "";
}

std::string_view check_headers(const JsonValue& simple) {
  const JsonValue* headers = array_of(simple, "Headers");
  if (headers == nullptr) return "";
  if (headers->Size() > headers_max) return "At most 15 Headers may be given.";
  for (const JsonValue& header : headers->GetArray()) {
    if (!header.IsObject() || text_of(header, "Name").empty() || text_of(header, "Value").empty())
      return "A header needs Name and Value.";
  }
  return "";
}

std::string_view read_content(const JsonValue& mail, ProviderCall& call) {
  const JsonValue* content = object_of(mail, "Content");
  const JsonValue* simple = content == nullptr ? nullptr : object_of(*content, "Simple");
  if (simple == nullptr) return "Missing required parameter: Content.Simple, which is all that the sandbox takes.";
  const JsonValue* subject = object_of(*simple, "Subject");
  const JsonValue* body = object_of(*simple, "Body");
  if (subject == nullptr || text_of(*subject, "Data").empty())
    return "Missing required parameter: Content.Simple.Subject";
  const JsonValue* text = body == nullptr ? nullptr : object_of(*body, "Text");
  const JsonValue* html = body == nullptr ? nullptr : object_of(*body, "Html");
  if ((text == nullptr || text_of(*text, "Data").empty()) && (html == nullptr || text_of(*html, "Data").empty()))
    return "Content.Simple.Body needs Text or Html.";
  call.facts.subject = text_of(*subject, "Data");
  if (const std::string_view problem = check_headers(*simple); !problem.empty()) return problem;
  return check_attachments(*simple);
}

std::string_view read_tags(const JsonValue& mail, ProviderCall& call) {
  const JsonValue* tags = array_of(mail, "EmailTags");
  if (tags == nullptr) return "";
  for (const JsonValue& tag : tags->GetArray()) {
    if (!tag.IsObject() || !is_tag_text(text_of(tag, "Name")) || !is_tag_text(text_of(tag, "Value")))
      return "EmailTags take ASCII letters, digits, - and _, at most 256.";
    call.tag(text_of(tag, "Name"), text_of(tag, "Value"));
  }
  return "";
}

std::string_view read_mail(const JsonValue& mail, ProviderCall& call) {
  call.facts.sender = text_of(mail, "FromEmailAddress");
  call.facts.configuration_set = text_of(mail, "ConfigurationSetName");
  if (const std::string_view problem = read_tags(mail, call); !problem.empty()) return problem;
  if (call.facts.sender.empty()) return "Missing required parameter: FromEmailAddress";
  if (const std::string_view problem = read_recipient(mail, call); !problem.empty()) return problem;
  return read_content(mail, call);
}

}  // namespace

Answer take_ses_email(SandboxState& state, const HttpRequest& request) {
  ProviderCall call;
  call.provider = ProviderName::SES;
  const auto refuse = [&](std::string bytes) {
    return refuse_call(state, ProviderName::SES, call.message_id, call.attempt, std::move(bytes));
  };
  if (const auto fault = signature_fault(request, "ses"))
    return refuse(ses_error(fault->status, std::string(fault->code) + "Exception", fault->message));
  const CallJson json(request.body);
  if (json.object() == nullptr)
    return refuse(ses_error(400, "SerializationException", "The body is not JSON in UTF-8."));
  if (const std::string_view problem = read_mail(*json.object(), call); !problem.empty())
    return refuse(ses_error(400, bad_request, problem));
  call.raw = request.body;
  return settle_call(state, std::move(call), SesDialect());
}

}  // namespace carillon::sandbox
