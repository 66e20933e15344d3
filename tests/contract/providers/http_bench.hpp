// The scripted far end of providers behind HTTP. A bench of one provider derives from it, gives its words for success
// and failure, and makes the client.
#pragma once
#include <atomic>
#include <functional>
#include <mutex>

#include "contract/providers/provider_bench.hpp"
#include "sandbox/adapters/http_session.hpp"

namespace carillon::testing {

inline constexpr auto transient = dispatcher::OutcomeKind::TRANSIENT;
inline constexpr auto account = dispatcher::OutcomeKind::ACCOUNT;
inline constexpr auto rejected = dispatcher::OutcomeKind::REJECTED;

struct HttpRow {
  ErrorRow row;
  int status;
  std::string body;
  std::string headers = "";  // complete lines, each ending in CRLF
};

// How this provider says yes and no.
struct HttpWords {
  int success_status = 200;
  std::string success_body;
  std::string success_headers;  // complete lines, each ending in CRLF
  std::vector<HttpRow> rows;
  // A whole response that refuses the message and repeats `said`, which is printable and without quotes; called on the
  // bench's thread.
  std::function<std::string(const std::string& said)> refusal;
};

class HttpBench : public ProviderBench {
 public:
  explicit HttpBench(HttpWords words);
  ~HttpBench() override;

  void accept() override;
  void refuse(std::size_t row) override;
  void say_nothing_from_the_start() override;
  void say_nothing_after_reading() override;
  void reset_after_reading() override;
  void close_after_reading() override;
  void answer_garbage() override;
  void answer_in_part_then_reset() override;
  void answer_slowly(std::chrono::milliseconds delay) override;
  void answer_hugely() override;
  void refuse_repeating_everything() override { echo_ = true; }
  bool redirect() override;
  bool limit_rate(const std::string& retry_after) override;
  void speak_tls_at(int port) override { tls_port_ = port; }
  void stop_listening() override;

  std::vector<ErrorRow> error_rows() const override;
  int calls() override;
  std::string last_request() override;

 protected:
  std::string base_url() const;
  std::string last_body();
  http::Client& client() { return client_; }

 private:
  void answer(sandbox::Answer next);
  sandbox::Answer on_request(const sandbox::HttpRequest& request);

  const HttpWords words_;
  const std::string success_;
  std::mutex mutex_;
  sandbox::Answer next_;                  // guarded by mutex_
  int calls_ = 0;                         // guarded by mutex_
  std::string last_request_, last_body_;  // guarded by mutex_
  std::atomic<bool> echo_ = false;
  std::atomic<int> tls_port_ = 0;  // 0: plain

  sandbox::HttpHandler handler_{[this](const sandbox::HttpRequest& request) { return on_request(request); }};
  sandbox::Loop loop_;
  std::unique_ptr<sandbox::Listener> listener_;
  std::unique_ptr<sandbox::Listener> silent_;
  http::Runtime runtime_;
  http::Client client_{runtime_};
};

std::string json_member(const std::string& body, const char* name);  // "" when absent or no text

// The objects of a JSON array as attachments; the content is base64.
struct AttachmentNames {
  const char* file_name;
  const char* content_type;
  const char* content;
};
std::vector<dispatcher::Attachment> attachments_of(const std::string& body, const char* array, AttachmentNames names);

}  // namespace carillon::testing
