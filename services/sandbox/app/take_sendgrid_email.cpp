#include "sandbox/app/take_sendgrid_email.hpp"

#include "http/message.hpp"
#include "sandbox/app/call_json.hpp"
#include "sandbox/app/refusal.hpp"
#include "sandbox/app/settle_call.hpp"
#include "sandbox/core/authorization.hpp"

namespace carillon::sandbox {
namespace {

// What is wrong with which field; `message` is "" when nothing is.
struct Fault {
  std::string_view message, field;
};

std::string error_answer(int status, std::string_view message, std::string_view field, std::string_view headers = {}) {
  return http_response(status, "application/json",
                       "{\"errors\":[{\"message\":" + http::json_string(message) +
                           ",\"field\":" + (field.empty() ? "null" : http::json_string(field)) + ",\"help\":null}]}",
                       headers);
}

class SendGridDialect final : public Dialect {
 public:
  // Events call the message by this and more behind a dot.
  std::string id_of(const std::string& digits) const override { return digits.substr(10); }
  std::string accepted(const std::string& id) const override {
    return http_response(202, "", "", "X-Message-Id: " + id + "\r\n");
  }
  std::string refused(const Order& order) const override {
    const Refusal refusal = refusal_of(ProviderName::SENDGRID, order, "");
    if (order.body.empty()) return error_answer(order.status, refusal.message, refusal.field, retry_header(order));
    return http_response(order.status, "application/json", order.body, retry_header(order));
  }
  std::string garbage() const override { return http_response(202, "text/html", "<html>\x01 this is not an answer"); }
};

Fault read_personalization(const JsonValue& mail, ProviderCall& call) {
  const JsonValue* all = array_of(mail, "personalizations");
  if (all == nullptr || all->Empty() || !(*all)[0].IsObject())
    return {"The personalizations field is required and must have at least one personalization.", "personalizations"};
  const JsonValue& first = (*all)[0];
  const JsonValue* to = array_of(first, "to");
  if (all->Size() > 1 || (to != nullptr && to->Size() > 1))
    return {"The sandbox takes one recipient a call.", "personalizations"};
  if (to == nullptr || to->Empty() || !(*to)[0].IsObject())
    return {
        "The to array is required for all personalization objects, and must have at least one email object with a "
        "valid email address.",
        "personalizations.0.to"};
  call.recipient = text_of((*to)[0], "email");
  if (call.recipient.find('@') == std::string_view::npos)
    return {"Does not contain a valid address.", "personalizations.0.to.0.email"};
  for (const JsonValue* args : {object_of(mail, "custom_args"), object_of(first, "custom_args")}) {
    if (args == nullptr) continue;
    for (const auto& member : args->GetObject())
      call.tag({member.name.GetString(), member.name.GetStringLength()}, text_of(*args, member.name.GetString()));
  }
  call.facts.subject = text_of(first, "subject");
  return {};
}

Fault check_content(const JsonValue& mail) {
  const JsonValue* content = array_of(mail, "content");
  if (content == nullptr || content->Empty())
    return {"Unless a valid template_id is provided, the content parameter is required.", "content"};
  bool html_seen = false;
  for (const JsonValue& part : content->GetArray()) {
    if (!part.IsObject() || text_of(part, "value").empty())
      return {"The content value must be a string at least one character in length.", "content.0.value"};
    const std::string_view type = text_of(part, "type");
    if (type == "text/plain" && html_seen)
      return {"If present, text/plain and text/html must be the first two, in that order.", "content"};
    html_seen = html_seen || type == "text/html";
  }
  return {};
}

Fault check_attachments(const JsonValue& mail) {
  const JsonValue* files = array_of(mail, "attachments");
  if (files == nullptr) return {};
  for (const JsonValue& file : files->GetArray()) {
    if (!file.IsObject() || text_of(file, "content").empty())
      return {"The attachment content must be a string at least one character in length.", "attachments.0.content"};
    if (text_of(file, "filename").empty())
      return {"The filename of the attachment is required.", "attachments.0.filename"};
  }
  return {};
}

Fault read_mail(const JsonValue& mail, ProviderCall& call) {
  if (const Fault fault = read_personalization(mail, call); !fault.message.empty()) return fault;
  const JsonValue* from = object_of(mail, "from");
  if (from == nullptr || text_of(*from, "email").empty())
    return {"The from object must be provided for every email send.", "from.email"};
  call.facts.sender = text_of(*from, "email");
  if (call.facts.subject.empty()) call.facts.subject = text_of(mail, "subject");
  if (call.facts.subject.empty()) return {"The subject is required.", "subject"};
  if (const JsonValue* categories = array_of(mail, "categories");
      categories != nullptr && !categories->Empty() && (*categories)[0].IsString())
    call.facts.template_key = {(*categories)[0].GetString(), (*categories)[0].GetStringLength()};
  if (const Fault fault = check_content(mail); !fault.message.empty()) return fault;
  return check_attachments(mail);
}

}  // namespace

Answer take_sendgrid_email(SandboxState& state, const HttpRequest& request) {
  ProviderCall call;
  call.provider = ProviderName::SENDGRID;
  const auto refuse = [&](int status, std::string_view message, std::string_view field = {}) {
    return refuse_call(state, ProviderName::SENDGRID, call.message_id, call.attempt,
                       error_answer(status, message, field));
  };
  if (!is_bearer(request.header("Authorization")))
    return refuse(401, "The provided authorization grant is invalid, expired, or revoked");
  if (request.header("Content-Type").substr(0, 16) != "application/json")
    return refuse(415, "Content-Type should be application/json.");
  const CallJson json(request.body);
  if (json.object() == nullptr) return refuse(400, "Bad Request");
  if (const Fault fault = read_mail(*json.object(), call); !fault.message.empty())
    return refuse(400, fault.message, fault.field);
  call.raw = request.body;
  return settle_call(state, std::move(call), SendGridDialect());
}

}  // namespace carillon::sandbox
