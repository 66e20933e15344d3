#include "contract/providers/http_bench.hpp"

#include <rapidjson/document.h>

#include "sandbox/core/form.hpp"
#include "security/digest.hpp"

namespace carillon::testing {
namespace {

using sandbox::Action;
using sandbox::http_response;

// Reads nothing and says nothing.
class Silence final : public sandbox::Protocol {
 public:
  void received(std::string_view) override {}
};

std::string as_it_came(const sandbox::HttpRequest& request) {
  std::string out = std::string(request.method) + " " + std::string(request.target) + "\r\n";
  for (const auto& [name, value] : request.headers) out += std::string(name) + ": " + std::string(value) + "\r\n";
  return out + "\r\n" + std::string(request.body);
}

// Printable, without what would end a text in JSON or XML.
std::string sayable(const std::string& text) {
  std::string said = sandbox::form_decoded(text);
  for (char& c : said) {
    if (std::string_view("\"\\<>&").find(c) != std::string_view::npos || static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return said;
}

}  // namespace

HttpBench::HttpBench(HttpWords words)
    : words_(std::move(words)),
      success_(http_response(words_.success_status, "application/json", words_.success_body, words_.success_headers)) {
  listener_ = std::make_unique<sandbox::Listener>(loop_, sandbox::ListenerSettings{}, [this](sandbox::Peer& peer) {
    return std::make_unique<sandbox::HttpSession>(peer, handler_);
  });
  silent_ = std::make_unique<sandbox::Listener>(loop_, sandbox::ListenerSettings{},
                                                [](sandbox::Peer&) { return std::make_unique<Silence>(); });
  HttpBench::accept();
}

HttpBench::~HttpBench() {
  loop_.stop();
}

void HttpBench::accept() {
  answer({Action::SEND, success_, {}, {}});
}

void HttpBench::refuse(std::size_t row) {
  const HttpRow& one = words_.rows[row];
  answer({Action::SEND, http_response(one.status, "application/json", one.body, one.headers), {}, {}});
}

void HttpBench::say_nothing_from_the_start() {
  // A TLS handshake that is never answered: the request can't have been written.
  tls_port_ = silent_->port();
}

void HttpBench::say_nothing_after_reading() {
  answer({Action::HANG, {}, {}, {}});
}

void HttpBench::reset_after_reading() {
  answer({Action::RESET, {}, {}, {}});
}

void HttpBench::close_after_reading() {
  answer({Action::CLOSE, {}, {}, {}});
}

void HttpBench::answer_garbage() {
  answer({Action::SEND, http_response(words_.success_status, "application/json", "<html>\x01 no JSON"), {}, {}});
}

void HttpBench::answer_in_part_then_reset() {
  answer({Action::SEND_AND_RESET, success_.substr(0, success_.size() - 5), {}, {}});
}

void HttpBench::answer_slowly(std::chrono::milliseconds delay) {
  answer({Action::SEND, success_, delay, {}});
}

void HttpBench::answer_hugely() {
  const std::string body(1'000'000, ' ');
  answer(
      {Action::SEND, http_response(words_.success_status, "application/json", body, words_.success_headers), {}, {}});
}

bool HttpBench::redirect() {
  const std::string elsewhere = "http://127.0.0.1:" + std::to_string(listener_->port()) + "/elsewhere";
  answer({Action::SEND, http_response(307, "text/plain", "", "Location: " + elsewhere + "\r\n"), {}, {}});
  return true;
}

bool HttpBench::limit_rate(const std::string& retry_after) {
  answer({Action::SEND, http_response(429, "application/json", "{}", "Retry-After: " + retry_after + "\r\n"), {}, {}});
  return true;
}

void HttpBench::stop_listening() {
  listener_.reset();
  loop_.run_and_wait([] {});
}

std::vector<ErrorRow> HttpBench::error_rows() const {
  std::vector<ErrorRow> out;
  for (const HttpRow& row : words_.rows) out.push_back(row.row);
  return out;
}

int HttpBench::calls() {
  const std::lock_guard lock(mutex_);
  return calls_;
}

std::string HttpBench::last_request() {
  const std::lock_guard lock(mutex_);
  return last_request_;
}

std::string HttpBench::last_body() {
  const std::lock_guard lock(mutex_);
  return last_body_;
}

std::string HttpBench::base_url() const {
  if (tls_port_ != 0) return "https://127.0.0.1:" + std::to_string(tls_port_);
  return "http://127.0.0.1:" + std::to_string(listener_->port());
}

void HttpBench::answer(sandbox::Answer next) {
  const std::lock_guard lock(mutex_);
  next_ = std::move(next);
}

sandbox::Answer HttpBench::on_request(const sandbox::HttpRequest& request) {
  const std::lock_guard lock(mutex_);
  ++calls_;
  last_body_ = request.body;
  last_request_ = as_it_came(request);
  if (echo_) return {Action::SEND, words_.refusal(sayable(last_request_)), {}, {}};
  return next_;
}

std::string json_member(const std::string& body, const char* name) {
  rapidjson::Document json;
  json.Parse(body.c_str());
  return json.IsObject() && json.HasMember(name) && json[name].IsString() ? json[name].GetString() : "";
}

std::vector<dispatcher::Attachment> attachments_of(const std::string& body, const char* array, AttachmentNames names) {
  std::vector<dispatcher::Attachment> out;
  rapidjson::Document json;
  json.Parse(body.c_str());
  if (!json.IsObject() || !json.HasMember(array)) return out;
  for (const auto& one : json[array].GetArray()) {
    bool ok = false;
    const std::string content = security::from_base64(one[names.content].GetString(), ok);
    out.push_back({one[names.file_name].GetString(), one[names.content_type].GetString(),
                   std::make_shared<std::string>(ok ? content : "not base64")});
  }
  return out;
}

}  // namespace carillon::testing
