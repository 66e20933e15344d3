#include <mutex>

#include <rapidjson/document.h>

#include "contract/providers/provider_bench.hpp"
#include "provider-dispatcher/adapters/providers/console/client.hpp"
#include "provider-dispatcher/adapters/providers/postmark/client.hpp"
#include "provider-dispatcher/adapters/providers/twilio/client.hpp"
#include "sandbox/adapters/http_session.hpp"
#include "sandbox/core/form.hpp"

namespace carillon::testing {
namespace {

using namespace dispatcher;
using sandbox::Action;
using sandbox::http_response;

struct HttpRow {
  ErrorRow row;
  int status;
  std::string body;
};

// Reads nothing and says nothing.
class Silence final : public sandbox::Protocol {
 public:
  void received(std::string_view) override {}
};

class HttpBench : public ProviderBench {
 public:
  HttpBench(int success_status, std::string success_body, std::vector<HttpRow> rows)
      : success_(http_response(success_status, "application/json", success_body)),
        success_status_(success_status),
        rows_(std::move(rows)) {
    accept();
  }
  ~HttpBench() override { loop_.stop(); }

  void accept() override { answer({Action::SEND, success_, {}, {}}); }
  void refuse(std::size_t row) override {
    answer({Action::SEND, http_response(rows_[row].status, "application/json", rows_[row].body), {}, {}});
  }
  void say_nothing_from_the_start() override { tls_to_silence_ = true; }
  void say_nothing_after_reading() override { answer({Action::HANG, {}, {}, {}}); }
  void reset_after_reading() override { answer({Action::RESET, {}, {}, {}}); }
  void close_after_reading() override { answer({Action::CLOSE, {}, {}, {}}); }
  void answer_garbage() override {
    answer({Action::SEND, http_response(success_status_, "application/json", "<html>\x01 no JSON"), {}, {}});
  }
  void answer_in_part_then_reset() override {
    answer({Action::SEND_AND_RESET, success_.substr(0, success_.size() - 5), {}, {}});
  }
  void answer_slowly(std::chrono::milliseconds delay) override { answer({Action::SEND, success_, delay, {}}); }
  void answer_hugely() override {
    answer({Action::SEND, http_response(success_status_, "application/json", std::string(1'000'000, ' ')), {}, {}});
  }
  void refuse_repeating_everything() override { echo_ = true; }
  bool redirect() override {
    answer({Action::SEND,
            http_response(307, "text/plain", "",
                          "Location: http://127.0.0.1:" + std::to_string(listener_->port()) + "/elsewhere\r\n"),
            {},
            {}});
    return true;
  }
  bool limit_rate(const std::string& retry_after) override {
    answer(
        {Action::SEND, http_response(429, "application/json", "{}", "Retry-After: " + retry_after + "\r\n"), {}, {}});
    return true;
  }
  void stop_listening() override {
    listener_.reset();
    loop_.run_and_wait([] {});
  }

  std::vector<ErrorRow> error_rows() const override {
    std::vector<ErrorRow> out;
    for (const HttpRow& row : rows_) out.push_back(row.row);
    return out;
  }
  int calls() override {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  std::string last_request() override {
    const std::lock_guard lock(mutex_);
    return last_request_;
  }

 protected:
  std::string base_url() {
    // A TLS handshake that is never answered: the request can't have been written.
    const int port = tls_to_silence_ ? silent_.port() : listener_->port();
    return (tls_to_silence_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port);
  }
  std::string last_body() {
    const std::lock_guard lock(mutex_);
    return last_body_;
  }
  http::Client& client() { return client_; }

 private:
  void answer(sandbox::Answer next) {
    const std::lock_guard lock(mutex_);
    next_ = std::move(next);
  }
  sandbox::Answer on_request(const sandbox::HttpRequest& request) {
    const std::lock_guard lock(mutex_);
    ++calls_;
    last_body_ = request.body;
    last_request_ = std::string(request.method) + " " + std::string(request.target) + "\r\n";
    for (const auto& [name, value] : request.headers)
      last_request_ += std::string(name) + ": " + std::string(value) + "\r\n";
    last_request_ += "\r\n" + last_body_;
    if (echo_) {
      std::string said = sandbox::form_decoded(last_request_);
      for (char& c : said) c = c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
      return {Action::SEND,
              http_response(422, "application/json",
                            R"({"ErrorCode":300,"code":21211,"message":")" + said + R"(","Message":")" + said + "\"}"),
              {},
              {}};
    }
    return next_;
  }

  const std::string success_;
  const int success_status_;
  const std::vector<HttpRow> rows_;
  std::mutex mutex_;
  sandbox::Answer next_;
  int calls_ = 0;
  std::string last_request_, last_body_;
  std::atomic<bool> echo_ = false, tls_to_silence_ = false;

  sandbox::HttpHandler handler_{[this](const sandbox::HttpRequest& request) { return on_request(request); }};
  sandbox::Loop loop_;
  std::unique_ptr<sandbox::Listener> listener_{std::make_unique<sandbox::Listener>(
      loop_, sandbox::ListenerSettings{},
      [this](sandbox::Peer& peer) { return std::make_unique<sandbox::HttpSession>(peer, handler_); })};
  sandbox::Listener silent_{loop_, {}, [](sandbox::Peer&) { return std::make_unique<Silence>(); }};
  http::Runtime runtime_;
  http::Client client_{runtime_};
};

std::string json_member(const std::string& body, const char* name) {
  rapidjson::Document json;
  json.Parse(body.c_str());
  return json.IsObject() && json.HasMember(name) && json[name].IsString() ? json[name].GetString() : "";
}

constexpr auto transient = OutcomeKind::TRANSIENT;
constexpr auto account = OutcomeKind::ACCOUNT;
constexpr auto rejected = OutcomeKind::REJECTED;

class PostmarkBench final : public HttpBench {
 public:
  PostmarkBench()
      : HttpBench(200, R"({"ErrorCode":0,"Message":"OK","MessageID":"provider-id"})",
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
                   {{"422/406", rejected, Reason::RECIPIENT_INACTIVE, "406", true}, 422, R"({"ErrorCode":406})"}}) {}
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
};

std::string twilio_error(int code) {
  return "{\"code\":" + std::to_string(code) + ",\"message\":\"no\"}";
}

class TwilioBench final : public HttpBench {
 public:
  TwilioBench()
      : HttpBench(201, R"({"sid":"provider-id","status":"queued"})",
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
                   {{"21610", rejected, Reason::RECIPIENT_INACTIVE, "21610", true}, 400, twilio_error(21610)}}) {}
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

class ConsoleBench final : public HttpBench {
 public:
  ConsoleBench()
      : HttpBench(200, R"({"id":"provider-id"})",
                  {{{"429", transient, Reason::RATE_LIMITED, "429"}, 429, ""},
                   {{"503", transient, Reason::PROVIDER_ERROR, "503"}, 503, ""},
                   {{"401", account, Reason::AUTHENTICATION, "401"}, 401, ""},
                   {{"422", rejected, Reason::CONTENT_REJECTED, "422"}, 422, ""}}) {}
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

std::unique_ptr<ProviderBench> postmark_bench() {
  return std::make_unique<PostmarkBench>();
}
std::unique_ptr<ProviderBench> twilio_bench() {
  return std::make_unique<TwilioBench>();
}
std::unique_ptr<ProviderBench> console_bench() {
  return std::make_unique<ConsoleBench>();
}

}  // namespace carillon::testing
