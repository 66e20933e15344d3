#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "contract/providers/http_bench.hpp"
#include "provider-dispatcher/adapters/providers/ses/client.hpp"
#include "provider-dispatcher/adapters/providers/sns/client.hpp"
#include "sandbox/core/form.hpp"

namespace carillon::testing {
namespace {

using namespace dispatcher;
using sandbox::http_response;

// Long-lived keys: what temporary ones need is tested with the sources of credentials.
std::shared_ptr<const aws::SignedCalls> signed_calls(http::Client& client, http::Runtime& io,
                                                     const std::string& secret) {
  aws::AwsSettings settings;
  settings.access_key_id = "AKIDEXAMPLE";
  settings.secret_access_key = secret;
  settings.session_token = "session-of-" + secret;
  return std::make_shared<const aws::SignedCalls>(settings, client, io);
}

HttpRow ses_row(int status, const std::string& code, OutcomeKind kind, Reason reason) {
  return {{code, kind, reason, code}, status, R"({"message":"no"})", "x-amzn-errortype: " + code + "\r\n"};
}

class SesBench final : public HttpBench {
 public:
  SesBench()
      : HttpBench({200,
                   R"({"MessageId":"provider-id"})",
                   "",
                   {ses_row(429, "TooManyRequestsException", transient, Reason::RATE_LIMITED),
                    ses_row(400, "ThrottlingException", transient, Reason::RATE_LIMITED),
                    ses_row(400, "LimitExceededException", transient, Reason::RATE_LIMITED),
                    ses_row(500, "InternalServiceErrorException", transient, Reason::PROVIDER_ERROR),
                    {{"503", transient, Reason::PROVIDER_ERROR, "503"}, 503, ""},
                    ses_row(400, "SendingPausedException", account, Reason::ACCOUNT_SUSPENDED),
                    ses_row(400, "AccountSuspendedException", account, Reason::ACCOUNT_SUSPENDED),
                    ses_row(400, "MailFromDomainNotVerifiedException", account, Reason::SENDER_REJECTED),
                    ses_row(404, "NotFoundException", account, Reason::SENDER_REJECTED),
                    ses_row(403, "InvalidClientTokenId", account, Reason::AUTHENTICATION),
                    ses_row(403, "SignatureDoesNotMatch", account, Reason::AUTHENTICATION),
                    ses_row(400, "AccessDeniedException", account, Reason::AUTHENTICATION),
                    {{"not verified", account, Reason::SENDER_REJECTED, "MessageRejected"},
                     400,
                     R"({"__type":"MessageRejected","message":"Email address is not verified."})"},
                    ses_row(400, "MessageRejected", rejected, Reason::CONTENT_REJECTED),
                    ses_row(400, "BadRequestException", rejected, Reason::CONTENT_REJECTED)},
                   [](const std::string& said) {
                     return http_response(400, "application/json", R"({"message":")" + said + "\"}",
                                          "x-amzn-errortype: BadRequestException\r\n");
                   }}) {}
  std::unique_ptr<Provider> provider() override {
    SesSettings settings;
    settings.identity.sender = {"Carillon", "bell@example.com"};
    settings.identity.reply_to = {"", "help@example.com"};
    settings.base_url = base_url();
    return std::make_unique<SesClient>(settings, signed_calls(client(), io_, secret()), test_limits);
  }
  std::string recipient() const override { return "ann.recipient@example.com"; }
  std::string secret() const override { return "s3cret-key-4711"; }
  std::string last_subject() override {
    return with_simple([](const auto& simple) { return simple["Subject"]["Data"].GetString(); });
  }
  std::string last_text() override {
    return with_simple([](const auto& simple) { return simple["Body"]["Text"]["Data"].GetString(); });
  }
  std::vector<Attachment> last_attachments() override {
    const std::string simple = with_simple([](const auto& json) {
      rapidjson::StringBuffer buffer;
      rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
      json.Accept(writer);
      return std::string(buffer.GetString());
    });
    return attachments_of(simple, "Attachments", {"FileName", "ContentType", "RawContent"});
  }
  std::string last_mail_header(std::string_view name) override {
    return with_simple([name](const auto& simple) {
      if (!simple.HasMember("Headers")) return std::string();
      for (const auto& header : simple["Headers"].GetArray()) {
        if (name == header["Name"].GetString()) return std::string(header["Value"].GetString());
      }
      return std::string();
    });
  }

 private:
  template <class Read>
  std::string with_simple(Read read) {
    rapidjson::Document json;
    json.Parse(last_body().c_str());
    return json.IsObject() ? std::string(read(json["Content"]["Simple"])) : std::string();
  }

  http::Runtime io_;
};

std::string sns_error(const std::string& code, const std::string& message = "no") {
  return "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\n  <Error>\n    <Type>Sender</Type>\n    "
         "<Code>" +
         code + "</Code>\n    <Message>" + message +
         "</Message>\n  </Error>\n  <RequestId>r-1</RequestId>\n</ErrorResponse>\n";
}

HttpRow sns_row(int status, const std::string& code, OutcomeKind kind, Reason reason, bool suppress = false) {
  return {{code, kind, reason, code, suppress}, status, sns_error(code)};
}

class SnsBench final : public HttpBench {
 public:
  SnsBench()
      : HttpBench({200,
                   "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\n  <PublishResult>\n    "
                   "<MessageId>provider-id</MessageId>\n  </PublishResult>\n  <ResponseMetadata>\n    "
                   "<RequestId>r-1</RequestId>\n  </ResponseMetadata>\n</PublishResponse>",
                   "",
                   {sns_row(500, "InternalError", transient, Reason::PROVIDER_ERROR),
                    sns_row(429, "Throttled", transient, Reason::RATE_LIMITED),
                    sns_row(400, "KMSThrottling", transient, Reason::RATE_LIMITED),
                    {{"503", transient, Reason::PROVIDER_ERROR, "503"}, 503, "oops"},
                    sns_row(403, "AuthorizationError", account, Reason::AUTHENTICATION),
                    sns_row(403, "InvalidSecurity", account, Reason::AUTHENTICATION),
                    sns_row(403, "InvalidClientTokenId", account, Reason::AUTHENTICATION),
                    sns_row(403, "SignatureDoesNotMatch", account, Reason::AUTHENTICATION),
                    {{"sender id", account, Reason::SENDER_REJECTED, "InvalidParameter"},
                     400,
                     sns_error("InvalidParameter", "Invalid parameter: AWS.SNS.SMS.SenderID")},
                    {{"number", rejected, Reason::RECIPIENT_REJECTED, "InvalidParameter"},
                     400,
                     sns_error("InvalidParameter", "Invalid parameter: PhoneNumber Reason: not valid to publish to")},
                    sns_row(400, "InvalidParameter", rejected, Reason::CONTENT_REJECTED),
                    sns_row(400, "OptedOut", rejected, Reason::RECIPIENT_INACTIVE, true)},
                   [](const std::string& said) {
                     std::string text;
                     for (const char c : said) text += c == '<' ? "&lt;" : c == '&' ? "&amp;" : std::string(1, c);
                     return http_response(400, "text/xml", sns_error("ValidationException", text));
                   }}) {}
  std::unique_ptr<Provider> provider() override {
    SnsSettings settings;
    settings.base_url = base_url();
    return std::make_unique<SnsClient>(settings, signed_calls(client(), io_, secret()), test_limits);
  }
  std::string recipient() const override { return "+447700900123"; }
  std::string secret() const override { return "s3cret-key-4711"; }
  std::string last_text() override { return sandbox::form_value(last_body(), "Message"); }

 private:
  http::Runtime io_;
};

}  // namespace

std::unique_ptr<ProviderBench> ses_bench() {
  return std::make_unique<SesBench>();
}
std::unique_ptr<ProviderBench> sns_bench() {
  return std::make_unique<SnsBench>();
}

}  // namespace carillon::testing
