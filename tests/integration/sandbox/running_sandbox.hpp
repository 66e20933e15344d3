// A sandbox on ports of its own, and calls to it.
#pragma once
#include "http/client.hpp"
#include "http/url.hpp"
#include "sandbox/service.hpp"

namespace carillon::sandbox {

class RunningSandbox {
 public:
  explicit RunningSandbox(const SandboxSettings& settings = {}) : sandbox_(settings) {}

  std::string url() const { return "http://127.0.0.1:" + std::to_string(sandbox_.port()); }

  http::Answer call(http::Method method, const std::string& path, const std::string& body = "",
                    http::Fields headers = {}, std::chrono::milliseconds timeout = std::chrono::milliseconds{5'000}) {
    http::Call call;
    call.method = method;
    call.url = url() + path;
    call.headers = std::move(headers);
    call.body = body;
    call.timeout = timeout;
    call.answer_bytes_max = 32 * 1024 * 1024;
    return client_.call_and_wait(std::move(call));
  }
  http::Answer post(const std::string& path, const std::string& body, http::Fields headers) {
    return call(http::Method::POST, path, body, std::move(headers));
  }
  http::Answer order(const std::string& json) { return call(http::Method::POST, "/control", json); }
  http::Answer order_receipts(const std::string& json) { return call(http::Method::POST, "/receipts", json); }
  std::string get(const std::string& path) { return call(http::Method::GET, path).body; }

  // An SES, SNS, SendGrid, Postmark or Twilio call in order.
  http::Answer send_ses(const std::string& to = "ann@example.com", const std::string& more = "") {
    return post("/v2/email/outbound-emails",
                R"({"FromEmailAddress":"bell@example.com","Destination":{"ToAddresses":[")" + to +
                    R"("]},"Content":{"Simple":{"Subject":{"Data":"Hi"},"Body":{"Text":{"Data":"text"}})" + more +
                    R"(}},"EmailTags":[{"Name":"message_id","Value":"m-ses"},{"Name":"attempt","Value":"2"}]})",
                aws("ses"));
  }
  http::Answer send_sns(
      const std::string& form = "Action=Publish&Version=2010-03-31&PhoneNumber=%2B447700900123&Message=hi") {
    http::Fields headers = aws("sns");
    headers.emplace_back("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
    headers.emplace_back("amz-sdk-invocation-id", "m-sns");
    headers.emplace_back("amz-sdk-request", "attempt=2; max=3");
    return post("/", form, std::move(headers));
  }
  http::Answer send_sendgrid(const std::string& to = "ann@example.com", const std::string& more = "") {
    return post(
        "/v3/mail/send",
        R"({"personalizations":[{"to":[{"email":")" + to +
            R"("}]}],"from":{"email":"bell@example.com"},"subject":"Hi","content":[{"type":"text/plain","value":"t"}],)"
            R"("custom_args":{"message_id":"m-sendgrid","attempt":"1"})" +
            more + "}",
        {{"Authorization", "Bearer SG.key"}, {"Content-Type", "application/json"}});
  }
  http::Answer send_postmark(const std::string& to = "ann@example.com", const std::string& more = "",
                             std::chrono::milliseconds timeout = std::chrono::milliseconds{5'000}) {
    return call(http::Method::POST, "/email",
                R"({"From":"bell@example.com","To":")" + to +
                    R"(","Subject":"<b>Hi</b>","TextBody":"text","HtmlBody":"<script>1</script><p>html</p>",)"
                    R"("Metadata":{"message_id":"01890a5d-ac96-774b-bcce-b302099a8057","attempt":"1"})" +
                    more + "}",
                {{"X-Postmark-Server-Token", "t"}, {"Content-Type", "application/json"}}, timeout);
  }
  http::Answer send_twilio(const std::string& callback) {
    return post("/2010-04-01/Accounts/AC1/Messages.json",
                http::form_encoded(
                    {{"To", "+447700900123"}, {"From", "+15005550006"}, {"Body", "hi"}, {"StatusCallback", callback}}),
                {{"Authorization", "Basic QUMxOnRvaw=="}});
  }
  http::Answer send_slack(const std::string& path = "/services/T1/B1/secret",
                          const std::string& body = R"({"text":"*s*\n\nm"})") {
    return post(
        path, body,
        {{"Content-Type", "application/json"}, {"X-Carillon-Message-Id", "m-slack"}, {"X-Carillon-Attempt", "4"}});
  }

  // Headers as Signature Version 4 makes them, for some key.
  static http::Fields aws(const std::string& service) {
    return {{"Authorization",
             "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260131/us-east-1/" + service +
                 "/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=" + std::string(64, 'a')},
            {"X-Amz-Date", "20260131T235959Z"}};
  }

 private:
  http::Runtime runtime_;
  http::Client client_{runtime_};
  Sandbox sandbox_;
};

}  // namespace carillon::sandbox
