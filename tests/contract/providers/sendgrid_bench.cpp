#include <rapidjson/document.h>

#include "contract/providers/http_bench.hpp"
#include "provider-dispatcher/adapters/providers/sendgrid/client.hpp"

namespace carillon::testing {
namespace {

using namespace dispatcher;
using sandbox::http_response;

std::string error(const std::string& message, const std::string& field = "null") {
  const std::string quoted = field == "null" ? field : "\"" + field + "\"";
  return R"({"errors":[{"message":")" + message + R"(","field":)" + quoted + R"(,"help":null}]})";
}

class SendgridBench final : public HttpBench {
 public:
  SendgridBench()
      : HttpBench({202,
                   "",
                   "X-Message-Id: provider-id\r\n",
                   {{{"429", transient, Reason::RATE_LIMITED, "429"}, 429, error("too many requests")},
                    {{"500", transient, Reason::PROVIDER_ERROR, "500"}, 500, error("internal server error")},
                    {{"503", transient, Reason::PROVIDER_ERROR, "503"}, 503, ""},
                    {{"403 block", transient, Reason::RATE_LIMITED, "403"},
                     403,
                     error("Too many bad requests. Temporary block")},
                    {{"401", account, Reason::AUTHENTICATION, "401"}, 401, error("authorization required")},
                    {{"401 quota", account, Reason::ACCOUNT_SUSPENDED, "401"}, 401, error("Maximum credits exceeded")},
                    {{"403 scope", account, Reason::AUTHENTICATION, "403"}, 403, error("access forbidden")},
                    {{"403 from", account, Reason::SENDER_REJECTED, "403"},
                     403,
                     error("The from address does not match a verified Sender Identity.", "from")},
                    {{"400", rejected, Reason::CONTENT_REJECTED, "400"}, 400, error("Bad Request")},
                    {{"400 to", rejected, Reason::RECIPIENT_REJECTED, "400"},
                     400,
                     error("Does not contain a valid address.", "personalizations.0.to.0.email")},
                    {{"413", rejected, Reason::CONTENT_REJECTED, "413"}, 413, ""},
                    {{"451", rejected, Reason::CONTENT_REJECTED, "451"}, 451, error("data residency")}},
                   [](const std::string& said) { return http_response(400, "application/json", error(said)); }}) {}
  std::unique_ptr<Provider> provider() override {
    SendgridSettings settings;
    settings.api_key = secret();
    settings.identity.sender = {"Carillon", "bell@example.com"};
    settings.identity.reply_to = {"", "help@example.com"};
    settings.base_url = base_url();
    return std::make_unique<SendgridClient>(settings, client(), test_limits);
  }
  std::string recipient() const override { return "ann.recipient@example.com"; }
  std::string secret() const override { return "SG.s3cret-token-4711"; }
  std::string last_subject() override { return json_member(last_body(), "subject"); }
  std::string last_text() override {
    rapidjson::Document json;
    json.Parse(last_body().c_str());
    return json.IsObject() ? json["content"][0]["value"].GetString() : "";
  }
  std::vector<Attachment> last_attachments() override {
    return attachments_of(last_body(), "attachments", {"filename", "type", "content"});
  }
  std::string last_mail_header(std::string_view name) override {
    rapidjson::Document json;
    json.Parse(last_body().c_str());
    if (!json.IsObject() || !json.HasMember("headers")) return {};
    const auto found = json["headers"].FindMember(std::string(name).c_str());
    return found == json["headers"].MemberEnd() ? "" : found->value.GetString();
  }
};

}  // namespace

std::unique_ptr<ProviderBench> sendgrid_bench() {
  return std::make_unique<SendgridBench>();
}

}  // namespace carillon::testing
