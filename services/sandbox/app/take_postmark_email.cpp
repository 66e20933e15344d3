#include "sandbox/app/take_postmark_email.hpp"

#include "http/message.hpp"
#include "sandbox/app/call_json.hpp"
#include "sandbox/app/refusal.hpp"
#include "sandbox/app/settle_call.hpp"
#include "sandbox/core/provider_id.hpp"
#include "time/utc_time.hpp"

namespace carillon::sandbox {
namespace {

std::string error_body(std::string_view code, std::string_view text) {
  return "{\"ErrorCode\":" + std::string(code) + ",\"Message\":" + http::json_string(text) + "}";
}

class PostmarkDialect final : public Dialect {
 public:
  PostmarkDialect(std::string_view to, UtcTime now) : to_(to), now_(now) {}

  std::string id_of(const std::string& digits) const override { return uuid_form(digits); }
  std::string accepted(const std::string& id) const override {
    return http_response(200, "application/json",
                         "{\"To\":" + http::json_string(to_) + ",\"SubmittedAt\":\"" + to_rfc3339(now_) +
                             "\",\"MessageID\":\"" + id + "\",\"ErrorCode\":0,\"Message\":\"OK\"}");
  }

  std::string refused(const Order& order) const override {
    const Refusal refusal = refusal_of(ProviderName::POSTMARK, order, "0");
    const bool number = refusal.code.find_first_not_of("0123456789") == std::string::npos;
    const std::string body = order.body.empty() ? error_body(number ? refusal.code : "0", refusal.message) : order.body;
    return http_response(order.status, "application/json", body, retry_header(order));
  }

  std::string garbage() const override { return http_response(200, "application/json", "<html>\x01 this is not JSON"); }

 private:
  std::string_view to_;
  UtcTime now_;
};

}  // namespace

Answer take_postmark_email(SandboxState& state, const HttpRequest& request) {
  const auto refuse = [&](int status, std::string_view code, std::string_view text) {
    return refuse_call(state, ProviderName::POSTMARK, "", 0,
                       http_response(status, "application/json", error_body(code, text)));
  };
  if (request.header("X-Postmark-Server-Token").empty())
    return refuse(401, "10", "No Server Token in the X-Postmark-Server-Token header.");
  const CallJson json(request.body);
  if (!json.is_text()) return refuse(422, "402", "The body is not UTF-8 text.");
  if (json.object() == nullptr) return refuse(422, "402", "The body is not a JSON object.");
  const JsonValue& mail = *json.object();
  ProviderCall call;
  call.provider = ProviderName::POSTMARK;
  call.recipient = text_of(mail, "To");
  if (call.recipient.empty()) return refuse(422, "300", "Zero recipients specified in 'To'.");
  call.facts.sender = text_of(mail, "From");
  if (call.facts.sender.empty()) return refuse(422, "300", "Invalid 'From' address.");
  if (text_of(mail, "TextBody").empty() && text_of(mail, "HtmlBody").empty())
    return refuse(422, "300", "Provide either email TextBody or HtmlBody or both.");
  call.facts.subject = text_of(mail, "Subject");
  call.facts.template_key = text_of(mail, "Tag");
  call.facts.stream = text_of(mail, "MessageStream");
  if (const JsonValue* metadata = object_of(mail, "Metadata"); metadata != nullptr) {
    for (const auto& member : metadata->GetObject())
      call.tag({member.name.GetString(), member.name.GetStringLength()}, text_of(*metadata, member.name.GetString()));
  }
  call.raw = request.body;
  const PostmarkDialect dialect(call.recipient, state.clock.now());
  return settle_call(state, std::move(call), dialect);
}

}  // namespace carillon::sandbox
