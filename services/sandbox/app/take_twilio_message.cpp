#include "sandbox/app/take_twilio_message.hpp"

#include <algorithm>
#include <cstdlib>

#include "http/message.hpp"
#include "sandbox/app/settle_call.hpp"
#include "sandbox/core/form.hpp"
#include "security/digest.hpp"
#include "values/recipient.hpp"

namespace carillon::sandbox {
namespace {

constexpr std::string_view path_begin = "/2010-04-01/Accounts/";
constexpr std::string_view path_end = "/Messages.json";

std::string error_body(int status, std::string_view code, std::string_view text) {
  return "{\"code\":" + std::string(code) + ",\"message\":" + http::json_string(text) +
         ",\"more_info\":\"https://www.twilio.com/docs/errors/" + std::string(code) +
         "\",\"status\":" + std::to_string(status) + "}";
}

class TwilioDialect final : public Dialect {
 public:
  TwilioDialect(std::string_view account, std::string_view to, std::string_view from, std::string_view text)
      : account_(account), to_(to), from_(from), text_(text) {}

  std::string accepted(const std::string& id) const override {
    return http_response(
        201, "application/json",
        "{\"sid\":\"SM" + id + "\",\"account_sid\":" + http::json_string(account_) + ",\"to\":" +
            http::json_string(to_) + ",\"from\":" + http::json_string(from_) + ",\"body\":" + http::json_string(text_) +
            ",\"status\":\"queued\",\"direction\":\"outbound-api\",\"error_code\":null,\"error_message\":null}");
  }

  std::string refused(const Order& order) const override {
    const bool number =
        !order.error_code.empty() && order.error_code.find_first_not_of("0123456789") == std::string::npos;
    const std::string body = order.body.empty()
                                 ? error_body(order.status, number ? order.error_code : usual_code(order.status),
                                              "The sandbox was told to refuse this.")
                                 : order.body;
    const std::string retry =
        order.retry_after_s == 0 ? std::string() : "Retry-After: " + std::to_string(order.retry_after_s) + "\r\n";
    return http_response(order.status, "application/json", body, retry);
  }

  std::string garbage() const override { return http_response(201, "application/json", "<html>\x01 this is not JSON"); }

 private:
  static const char* usual_code(int status) {
    switch (status) {
      case 400:
        return "21211";
      case 401:
        return "20003";
      case 403:
        return "20005";
      case 429:
        return "20429";
      case 500:
        return "20500";
      default:
        return "20503";
    }
  }
  std::string_view account_, to_, from_, text_;
};

bool is_authorized(std::string_view header, std::string_view account) {
  constexpr std::string_view scheme = "Basic ";
  if (header.substr(0, scheme.size()) != scheme) return false;
  bool ok = false;
  const std::string pair = security::from_base64(header.substr(scheme.size()), ok);
  const std::size_t colon = pair.find(':');
  return ok && colon != std::string::npos && colon + 1 < pair.size() &&
         std::string_view(pair).substr(0, colon) == account;
}

}  // namespace

std::string_view twilio_account_of(std::string_view path) {
  if (path.size() <= path_begin.size() + path_end.size() || path.substr(0, path_begin.size()) != path_begin) return {};
  if (path.substr(path.size() - path_end.size()) != path_end) return {};
  const std::string_view account = path.substr(path_begin.size(), path.size() - path_begin.size() - path_end.size());
  return account.find('/') == std::string_view::npos ? account : std::string_view();
}

Answer take_twilio_message(SandboxState& state, const HttpRequest& request) {
  const std::string_view account = twilio_account_of(request.path);
  const std::string callback = form_value(request.body, "StatusCallback");
  const std::string_view query = std::string_view(callback).substr(std::min(callback.find('?') + 1, callback.size()));
  const std::string message_id = form_value(query, "message_id");
  const int attempt = std::atoi(form_value(query, "attempt").c_str());
  const auto refuse = [&](int status, std::string_view code, std::string_view text) {
    return refuse_call(state, ProviderName::TWILIO, message_id, attempt,
                       http_response(status, "application/json", error_body(status, code, text)));
  };
  if (!is_authorized(request.header("Authorization"), account)) return refuse(401, "20003", "Authenticate");
  const std::string to = form_value(request.body, "To"), text = form_value(request.body, "Body");
  std::string from = form_value(request.body, "From");
  if (from.empty()) from = form_value(request.body, "MessagingServiceSid");
  if (to.empty()) return refuse(400, "21604", "A 'To' phone number is required.");
  if (!parse_e164(to)) return refuse(400, "21211", "The 'To' number is not a valid phone number.");
  if (from.empty()) return refuse(400, "21603", "A 'From' phone number is required.");
  if (text.empty()) return refuse(400, "21602", "Message body is required.");
  ProviderCall call{ProviderName::TWILIO, to, message_id, attempt, std::string(request.body), {}};
  return settle_call(state, std::move(call), TwilioDialect(account, to, from, text));
}

}  // namespace carillon::sandbox
