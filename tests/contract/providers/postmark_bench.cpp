#include <rapidjson/document.h>

#include "contract/providers/http_bench.hpp"
#include "provider-dispatcher/adapters/providers/postmark/client.hpp"

namespace carillon::testing {
namespace {

using namespace dispatcher;

using sandbox::http_response;

class PostmarkBench final : public HttpBench {
 public:
  PostmarkBench()
      : HttpBench({200,
                   R"({"ErrorCode":0,"Message":"OK","MessageID":"provider-id"})",
                   "",
                   {{{"429", transient, Reason::RATE_LIMITED, "429"}, 429, "{}"},
                    {{"500", transient, Reason::PROVIDER_ERROR, "500"}, 500, "oops"},
                    {{"503", transient, Reason::PROVIDER_ERROR, "503"}, 503, ""},
                    {{"ErrorCode 100", transient, Reason::PROVIDER_ERROR, "100"}, 503, R"({"ErrorCode":100})"},
                    {{"401", account, Reason::AUTHENTICATION, "10"}, 401, R"({"ErrorCode":10})"},
                    {{"422/10", account, Reason::AUTHENTICATION, "10"}, 422, R"({"ErrorCode":10})"},
                    {{"422/400", account, Reason::SENDER_REJECTED, "400"}, 422, R"({"ErrorCode":400})"},
                    {{"422/401", account, Reason::SENDER_REJECTED, "401"}, 422, R"({"ErrorCode":401})"},
                    {{"422/405", account, Reason::ACCOUNT_SUSPENDED, "405"}, 422, R"({"ErrorCode":405})"},
                    {{"422/412", account, Reason::ACCOUNT_SUSPENDED, "412"}, 422, R"({"ErrorCode":412})"},
                    {{"422/413", account, Reason::ACCOUNT_SUSPENDED, "413"}, 422, R"({"ErrorCode":413})"},
                    {{"422/300", rejected, Reason::CONTENT_REJECTED, "300"}, 422, R"({"ErrorCode":300})"},
                    {{"422/406", rejected, Reason::RECIPIENT_INACTIVE, "406", true}, 422, R"({"ErrorCode":406})"}},
                   [](const std::string& said) {
                     return http_response(422, "application/json", R"({"ErrorCode":300,"Message":")" + said + "\"}");
                   }}) {}
  std::unique_ptr<Provider> provider() override {
    PostmarkSettings settings;
    settings.server_token = secret();
    settings.message_stream = "outbound";
    settings.identity.sender = {"Carillon", "bell@example.com"};
    settings.identity.reply_to = {"", "help@example.com"};
    settings.base_url = base_url();
    return std::make_unique<PostmarkClient>(settings, client(), test_limits);
  }
  std::string recipient() const override { return "ann.recipient@example.com"; }
  std::string secret() const override { return "s3cret-token-4711"; }
  std::string last_subject() override { return json_member(last_body(), "Subject"); }
  std::string last_text() override { return json_member(last_body(), "TextBody"); }
  std::vector<Attachment> last_attachments() override {
    return attachments_of(last_body(), "Attachments", {"Name", "ContentType", "Content"});
  }
  std::string last_mail_header(std::string_view name) override {
    rapidjson::Document json;
    json.Parse(last_body().c_str());
    if (!json.IsObject() || !json.HasMember("Headers")) return {};
    for (const auto& header : json["Headers"].GetArray()) {
      if (name == header["Name"].GetString()) return header["Value"].GetString();
    }
    return {};
  }
};

}  // namespace

std::unique_ptr<ProviderBench> postmark_bench() {
  return std::make_unique<PostmarkBench>();
}

}  // namespace carillon::testing
