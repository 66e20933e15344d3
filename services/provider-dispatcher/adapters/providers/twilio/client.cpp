#include "provider-dispatcher/adapters/providers/twilio/client.hpp"

#include <algorithm>
#include <cctype>

#include "provider-dispatcher/adapters/providers/http_answer.hpp"
#include "provider-dispatcher/adapters/providers/twilio/error_table.hpp"
#include "security/digest.hpp"
#include "values/recipient.hpp"

namespace carillon::dispatcher {
namespace {

// How Twilio calls back (twilio.com/docs/usage/webhooks/webhooks-connection-overrides): five more tries, after a 5xx
// too, which by default ends it. Not sent along, so the signature does not cover it.
constexpr const char* repeat_refused_receipts = "#rc=5&rp=5xx,ct,rt";

void append_percent_encoded(std::string& out, std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
}

void append_field(std::string& form, std::string_view name, std::string_view value) {
  if (!form.empty()) form += '&';
  form += name;
  form += '=';
  append_percent_encoded(form, value);
}

}  // namespace

std::string twilio::request_body(const TwilioSettings& settings, const OutboundMessage& message, UtcTime now) {
  std::string form;
  append_field(form, "To", message.recipient);
  if (!message.from_number.empty()) {
    append_field(form, "From", message.from_number);
  } else if (!settings.messaging_service_sid.empty()) {
    append_field(form, "MessagingServiceSid", settings.messaging_service_sid);
  } else {
    append_field(form, "From", settings.phone_number);
  }
  append_field(form, "Body", message.text);
  if (message.expires_at) {
    const auto left = std::chrono::floor<std::chrono::seconds>(*message.expires_at - now);
    append_field(form, "ValidityPeriod",
                 std::to_string(std::clamp(left, validity_period_min, validity_period_max).count()));
  }
  if (!settings.status_callback_url.empty()) {
    std::string url = settings.status_callback_url;
    url += url.find('?') == std::string::npos ? '?' : '&';
    url += "message_id=";
    append_percent_encoded(url, message.message_id);
    url += "&attempt=" + std::to_string(message.attempt);
    url += repeat_refused_receipts;
    append_field(form, "StatusCallback", url);
  }
  return form;
}

TwilioClient::TwilioClient(TwilioSettings settings, http::Client& http, CallLimits limits)
    : settings_(std::move(settings)),
      authorization_("Basic " + security::base64(settings_.account_sid + ":" + settings_.auth_token)),
      http_(http),
      limits_(limits) {}

void TwilioClient::send(const OutboundMessage& message, UtcTime now, std::function<void(Outcome)> done) {
  if (!parse_e164(message.recipient))
    return done(recipient_not_usable("the recipient is not a phone number in E.164 form"));
  http::Call call;
  call.url = settings_.base_url + "/2010-04-01/Accounts/" + settings_.account_sid + "/Messages.json";
  call.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                  {"Accept", "application/json"},
                  {"Authorization", authorization_}};
  call.body = twilio::request_body(settings_, message, now);
  call.connect_timeout = limits_.connect_timeout;
  call.timeout = limits_.timeout;
  call.answer_bytes_max = limits_.answer_bytes_max;
  std::vector<std::string> secrets{settings_.auth_token, authorization_.substr(6), settings_.account_sid};
  http_.call(std::move(call), [now, secrets = std::move(secrets), done = std::move(done)](http::Answer answer) {
    done(outcome_of(answer, now, twilio::read_answer, secrets));
  });
}

}  // namespace carillon::dispatcher
