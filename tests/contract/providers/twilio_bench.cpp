#include "contract/providers/http_bench.hpp"
#include "provider-dispatcher/adapters/providers/twilio/client.hpp"
#include "sandbox/core/form.hpp"

namespace carillon::testing {
namespace {

using namespace dispatcher;

using sandbox::http_response;

std::string twilio_error(int code) {
  return "{\"code\":" + std::to_string(code) + ",\"message\":\"no\"}";
}

class TwilioBench final : public HttpBench {
 public:
  TwilioBench()
      : HttpBench({201,
                   R"({"sid":"provider-id","status":"queued"})",
                   "",
                   {{{"20429", transient, Reason::RATE_LIMITED, "20429"}, 429, twilio_error(20429)},
                    {{"20500", transient, Reason::PROVIDER_ERROR, "20500"}, 500, twilio_error(20500)},
                    {{"20503", transient, Reason::PROVIDER_ERROR, "20503"}, 503, twilio_error(20503)},
                    {{"21611", transient, Reason::RATE_LIMITED, "21611"}, 400, twilio_error(21611)},
                    {{"30001", transient, Reason::RATE_LIMITED, "30001"}, 400, twilio_error(30001)},
                    {{"30017", transient, Reason::PROVIDER_ERROR, "30017"}, 400, twilio_error(30017)},
                    {{"30022", transient, Reason::RATE_LIMITED, "30022"}, 400, twilio_error(30022)},
                    {{"20003", account, Reason::AUTHENTICATION, "20003"}, 401, twilio_error(20003)},
                    {{"21606", account, Reason::SENDER_REJECTED, "21606"}, 400, twilio_error(21606)},
                    {{"21408", account, Reason::ACCOUNT_SUSPENDED, "21408"}, 400, twilio_error(21408)},
                    {{"21211", rejected, Reason::RECIPIENT_REJECTED, "21211"}, 400, twilio_error(21211)},
                    {{"21614", rejected, Reason::RECIPIENT_REJECTED, "21614"}, 400, twilio_error(21614)},
                    {{"30005", rejected, Reason::RECIPIENT_REJECTED, "30005"}, 400, twilio_error(30005)},
                    {{"30006", rejected, Reason::RECIPIENT_REJECTED, "30006"}, 400, twilio_error(30006)},
                    {{"30007", rejected, Reason::CONTENT_REJECTED, "30007"}, 400, twilio_error(30007)},
                    {{"21610", rejected, Reason::RECIPIENT_INACTIVE, "21610", true}, 400, twilio_error(21610)}},
                   [](const std::string& said) {
                     return http_response(400, "application/json", R"({"code":21211,"message":")" + said + "\"}");
                   }}) {}
  std::unique_ptr<Provider> provider() override {
    TwilioSettings settings;
    settings.account_sid = "AC0123456789";
    settings.auth_token = secret();
    settings.messaging_service_sid = "MG0123456789";
    settings.status_callback_url = "https://carillon.example/api/webhooks/twilio/status";
    settings.base_url = base_url();
    return std::make_unique<TwilioClient>(settings, client(), test_limits);
  }
  std::string recipient() const override { return "+447700900123"; }
  std::string secret() const override { return "s3cret-token-4711"; }
  std::string last_text() override { return sandbox::form_value(last_body(), "Body"); }
};

}  // namespace

std::unique_ptr<ProviderBench> twilio_bench() {
  return std::make_unique<TwilioBench>();
}

}  // namespace carillon::testing
