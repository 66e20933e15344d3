#include "sandbox/app/take_twilio_message.hpp"

#include <algorithm>
#include <cstdlib>

#include "http/message.hpp"
#include "sandbox/app/refusal.hpp"
#include "sandbox/app/settle_call.hpp"
#include "sandbox/core/authorization.hpp"
#include "sandbox/core/form.hpp"
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
  TwilioDialect(const CallFacts& facts, std::string_view to, std::string_view text)
      : account_(facts.account),
        to_(to),
        from_(facts.sender),
        text_(text),
        status_(facts.stream.empty() ? "queued" : "accepted") {}

  std::string id_of(const std::string& digits) const override { return "SM" + digits; }
  std::string accepted(const std::string& id) const override {
    return http_response(201, "application/json",
                         "{\"sid\":\"" + id + "\",\"account_sid\":" + http::json_string(account_) +
                             ",\"to\":" + http::json_string(to_) + ",\"from\":" + http::json_string(from_) +
                             ",\"body\":" + http::json_string(text_) + ",\"status\":\"" + status_ +
                             "\",\"direction\":\"outbound-api\",\"error_code\":null,\"error_message\":null}");
  }

  std::string refused(const Order& order) const override {
    const Refusal refusal = refusal_of(ProviderName::TWILIO, order, unavailable);
    const bool number = refusal.code.find_first_not_of("0123456789") == std::string::npos;
    const std::string body = order.body.empty()
                                 ? error_body(order.status, number ? refusal.code : unavailable, refusal.message)
                                 : order.body;
    return http_response(order.status, "application/json", body, retry_header(order));
  }

  std::string garbage() const override { return http_response(201, "application/json", "<html>\x01 this is not JSON"); }

 private:
  static constexpr const char* unavailable = "20503";
  std::string_view account_, to_, from_, text_;
  std::string status_;  // a messaging service accepts, and queues later
};

}  // namespace

std::string_view twilio_account_of(std::string_view path) {
  if (path.size() <= path_begin.size() + path_end.size() || path.substr(0, path_begin.size()) != path_begin) return {};
  if (path.substr(path.size() - path_end.size()) != path_end) return {};
  const std::string_view account = path.substr(path_begin.size(), path.size() - path_begin.size() - path_end.size());
  return account.find('/') == std::string_view::npos ? account : std::string_view();
}

Answer take_twilio_message(SandboxState& state, const HttpRequest& request) {
  const std::string_view account = twilio_account_of(request.path);
  std::string callback = form_value(request.body, "StatusCallback");
  callback.resize(std::min(callback.find('#'), callback.size()));  // how often to call, which is not sent along
  const std::string_view query = std::string_view(callback).substr(std::min(callback.find('?') + 1, callback.size()));
  const std::string message_id = form_value(query, "message_id");
  const int attempt = std::atoi(form_value(query, "attempt").c_str());
  const auto refuse = [&](int status, std::string_view code, std::string_view text) {
    return refuse_call(state, ProviderName::TWILIO, message_id, attempt,
                       http_response(status, "application/json", error_body(status, code, text)));
  };
  const auto auth = basic_auth(request.header("Authorization"));
  if (!auth || auth->user != account) return refuse(401, "20003", "Authenticate");
  const std::string to = form_value(request.body, "To"), text = form_value(request.body, "Body");
  const std::string service = form_value(request.body, "MessagingServiceSid");
  std::string from = form_value(request.body, "From");
  if (from.empty()) from = service;
  if (to.empty()) return refuse(400, "21604", "A 'To' phone number is required.");
  if (!parse_e164(to)) return refuse(400, "21211", "The 'To' number is not a valid phone number.");
  if (from.empty()) return refuse(400, "21603", "A 'From' phone number is required.");
  if (text.empty()) return refuse(400, "21602", "Message body is required.");
  ProviderCall call{ProviderName::TWILIO, to, message_id, attempt, std::string(request.body), {}, {}};
  call.facts.sender = from;
  call.facts.stream = service;
  call.facts.account = account;
  call.facts.auth_token = auth->password;
  call.facts.callback_url = callback;
  const TwilioDialect dialect(call.facts, to, text);
  return settle_call(state, std::move(call), dialect);
}

}  // namespace carillon::sandbox
