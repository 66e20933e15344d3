#include "contract/providers/http_bench.hpp"
#include "provider-dispatcher/adapters/providers/console/client.hpp"

namespace carillon::testing {
namespace {

using namespace dispatcher;

class ConsoleBench final : public HttpBench {
 public:
  ConsoleBench()
      : HttpBench({200,
                   R"({"id":"provider-id"})",
                   "",
                   {{{"429", transient, Reason::RATE_LIMITED, "429"}, 429, ""},
                    {{"503", transient, Reason::PROVIDER_ERROR, "503"}, 503, ""},
                    {{"401", account, Reason::AUTHENTICATION, "401"}, 401, ""},
                    {{"422", rejected, Reason::CONTENT_REJECTED, "422"}, 422, ""}},
                   [](const std::string& said) { return sandbox::http_response(422, "text/plain", said); }}) {}
  std::unique_ptr<Provider> provider() override {
    ConsoleSettings settings;
    settings.enabled = true;
    settings.sandbox_url = base_url();
    return std::make_unique<ConsoleClient>(settings, client(), test_limits);
  }
  std::string recipient() const override { return "+447700900123"; }
  std::string secret() const override { return ""; }
  std::string last_text() override { return json_member(last_body(), "text"); }
};

}  // namespace

std::unique_ptr<ProviderBench> console_bench() {
  return std::make_unique<ConsoleBench>();
}

}  // namespace carillon::testing
