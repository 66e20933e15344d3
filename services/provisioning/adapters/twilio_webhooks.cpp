#include "provisioning/adapters/twilio_webhooks.hpp"

#include <algorithm>

#include "http/url.hpp"
#include "provisioning/core/answer_words.hpp"
#include "security/webhooks/twilio_signature.hpp"
#include "values/opt_out.hpp"
#include "values/recipient.hpp"
#include "values/utf8.hpp"

namespace carillon::provisioning {
namespace {

namespace webhooks = security::webhooks;

constexpr std::size_t body_bytes_max = 64 * 1024;  // 1,600 emoji are 19 KiB when encoded
constexpr std::size_t fields_max = 200;
constexpr std::size_t sid_chars_max = 64;

http::Response twiml(const char* inside = "") {
  http::Response response;
  response.content_type = "text/xml";
  response.body = std::string("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>") + inside + "</Response>";
  return response;
}

std::string_view field(const http::Fields& form, std::string_view name) {
  const auto found = std::ranges::find(form, name, &http::Fields::value_type::first);
  return found == form.end() ? std::string_view{} : std::string_view(found->second);
}

bool is_sid(std::string_view text) {
  return !text.empty() && text.size() <= sid_chars_max &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") ==
             std::string_view::npos;
}

class TwilioWebhooks {
 public:
  TwilioWebhooks(Converse& converse, InboundRefusals& refusals, const std::vector<std::string>& tokens,
                 const std::string& public_url)
      : converse_(converse), refusals_(refusals), tokens_(tokens), public_url_(public_url) {}

  http::Response on_sms(const http::Request& request) {
    http::Response refused;
    const auto form = believed(request, refused);
    if (!form) return refused;
    Inbound message = inbound(*form, "MessageSid", request);
    if (!is_sid(message.sid)) return malformed("MessageSid");
    message.text = valid_utf8(field(*form, "Body"));
    if (characters(message.text) > inbound_text_chars_max) return malformed("Body");
    const std::string_view opt_out = field(*form, "OptOutType");
    if (opt_out == "STOP") message.text = "STOP";  // in whichever language it was said
    if (opt_out == "HELP") return twiml();         // Twilio has answered
    // Of another channel ("whatsapp:+44…"), or of a short code, which nobody can answer.
    if (!parse_e164(message.sender)) return twiml();
    converse_.take_message(message);
    return twiml();
  }

  http::Response on_call(const http::Request& request) {
    http::Response refused;
    const auto form = believed(request, refused);
    if (!form) return refused;
    const Inbound call = inbound(*form, "CallSid", request);
    if (!is_sid(call.sid)) return malformed("CallSid");
    if (!parse_e164(call.dialled)) return twiml("<Hangup/>");
    const auto result = converse_.take_call(call);
    if (result.kind == InboundResult::Kind::TEST_CALL)
      return twiml("<Say>Your test call has reached us. Goodbye.</Say><Hangup/>");
    return twiml("<Hangup/>");
  }

 private:
  // The form, when it is Twilio's; else `refused` is the answer. What Twilio signs is the address that it was given,
  // whatever a proxy has made of it.
  std::optional<http::Fields> believed(const http::Request& request, http::Response& refused) {
    if (tokens_.empty() || public_url_.empty()) {
      refusals_.refused("NOT_CONFIGURED");
      refused = http::problem(404, "WEBHOOK_NOT_CONFIGURED",
                              "set TWILIO_AUTH_TOKEN and CARILLON_PUBLIC_URL to take messages of Twilio");
      return std::nullopt;
    }
    if (request.body.size() > body_bytes_max) {
      refusals_.refused("TOO_LARGE");
      refused = http::problem(413, "REQUEST_TOO_LARGE", "a call of Twilio is never that large");
      return std::nullopt;
    }
    auto form = http::form_fields(request.body, fields_max);
    const webhooks::Verdict verdict =
        form ? webhooks::verify_twilio(http::field(request.headers, "X-Twilio-Signature"),
                                       {public_url_ + request.target, *form, request.body}, tokens_)
             : webhooks::Verdict::MALFORMED;
    if (verdict == webhooks::Verdict::VALID) return form;
    refusals_.refused(std::string(webhooks::word(verdict)));
    refused =
        http::problem(403, "WEBHOOK_REFUSED", "this call is not believed: " + std::string(webhooks::word(verdict)));
    return std::nullopt;
  }

  http::Response malformed(const char* what) {
    refusals_.refused("MALFORMED_INBOUND");
    return http::problem(400, "MALFORMED_INBOUND", std::string(what) + ": missing, or not as Twilio sends it");
  }

  static Inbound inbound(const http::Fields& form, std::string_view sid_field, const http::Request& request) {
    return {std::string(field(form, sid_field)),
            std::string(field(form, "From")),
            std::string(field(form, "To")),
            {},
            "twilio",
            request.traceparent};
  }

  Converse& converse_;
  InboundRefusals& refusals_;
  const std::vector<std::string>& tokens_;
  const std::string& public_url_;
};

}  // namespace

void add_twilio_webhooks(http::Router& router, Converse& converse, InboundRefusals& refusals,
                         const std::vector<std::string>& tokens, const std::string& public_url,
                         const http::Guard& guard) {
  const auto webhooks = std::make_shared<TwilioWebhooks>(converse, refusals, tokens, public_url);
  router.add(
      http::Method::POST, "/api/webhooks/twilio/sms",
      [webhooks](const http::Request& request) { return webhooks->on_sms(request); }, guard);
  router.add(
      http::Method::POST, "/api/webhooks/twilio/voice",
      [webhooks](const http::Request& request) { return webhooks->on_call(request); }, guard);
}

}  // namespace carillon::provisioning
