#include "sandbox/adapters/otp_relay.hpp"

#include <future>

#include "http/media_type.hpp"
#include "sandbox/adapters/web_files.hpp"
#include "values/lower_case.hpp"

namespace carillon::sandbox {
namespace {

http::ClientSettings client_settings() {
  http::ClientSettings settings;
  settings.connections_per_origin_max = otp_relay_calls_max;
  settings.waiting_per_origin_max = otp_relay_waiting_max;
  return settings;
}

// Carillon's route for the last part of ours; "" when there is none.
std::string_view carillon_path(std::string_view name) {
  if (name == "send") return "/api/otp/send";
  if (name == "verify") return "/api/otp/verify";
  if (name == "redeem") return "/api/otp/step-up/redeem";
  return {};
}

bool is_json(std::string_view content_type) {
  std::string type = lower_case(content_type.substr(0, content_type.find(';')));
  while (!type.empty() && type.back() == ' ') type.pop_back();
  return type == "application/json";
}

std::string problem(int status, std::string_view code, std::string_view detail) {
  return problem_answer(status, code, detail).bytes;
}

std::string no_answer(const http::Answer& answer, const std::string& carillon_url) {
  switch (answer.error) {
    case http::CallError::BAD_CALL:
      return problem(400, "INVALID_HEADER", "Authorization: holds characters that no header may hold");
    case http::CallError::ANSWER_TOO_LARGE:
      return problem(502, "PLATFORM_ANSWER_TOO_LARGE",
                     "Carillon at " + carillon_url + " answered with more than " +
                         std::to_string(otp_relay_answer_bytes_max) + " bytes");
    case http::CallError::BAD_ANSWER:
      return problem(502, "PLATFORM_ANSWER_UNREADABLE", "what answers at " + carillon_url + " does not speak HTTP/1.1");
    case http::CallError::POOL_EXHAUSTED:
      return problem(503, "RELAY_BUSY", "too many calls wait for Carillon; try again");
    default:
      return problem(503, "PLATFORM_UNREACHABLE",
                     "Carillon at " + carillon_url + " did not answer (" + http::to_string(answer.error) +
                         "); is it running, and is CARILLON_URL right?");
  }
}

// Status, type and body as they came. Of the headers only what says something about them: none may give Carillon's
// answer rights on the sandbox's pages.
std::string handed_back(const http::Answer& answer) {
  std::string headers(page_headers);
  for (const std::string_view name : {"Retry-After", "WWW-Authenticate"}) {
    const std::string_view value = http::field(answer.headers, name);
    if (!value.empty()) headers.append(name).append(": ").append(value).append("\r\n");
  }
  return http_response(answer.status, http::field(answer.headers, "Content-Type"), answer.body, headers);
}

}  // namespace

// One call; `bytes` is written on the runtime's thread, and read on the loop's after it was told to go on.
struct OtpRelay::Waiting {
  http::Call call;
  std::string bytes;
};

OtpRelay::OtpRelay(Loop& loop, std::string carillon_url, std::chrono::milliseconds timeout)
    : loop_(loop), carillon_url_(std::move(carillon_url)), timeout_(timeout), runtime_(1, "otp-relay") {}

OtpRelay::~OtpRelay() {
  closed_ = true;
  // There, where it is used; its calls end with CANCELLED.
  std::promise<void> ended;
  runtime_.post([this, &ended] {
    client_.reset();
    ended.set_value();
  });
  ended.get_future().wait();
  runtime_.stop();
}

Answer OtpRelay::relay(const HttpRequest& request) {
  const std::string_view path = carillon_path(request.path.substr(otp_relay_path_begin.size()));
  if (path.empty()) return problem_answer(404, "NOT_FOUND", "the relay has send, verify and redeem");
  if (request.method != "POST") return problem_answer(405, "METHOD_NOT_ALLOWED", "POST");
  if (carillon_url_.empty())
    return problem_answer(503, "PLATFORM_URL_NOT_SET",
                          "CARILLON_URL is not set: the sandbox does not know where Carillon is");
  if (!is_json(request.header("Content-Type")))
    return problem_answer(415, "UNSUPPORTED_MEDIA_TYPE", "send application/json");
  if (request.body.size() > otp_relay_body_bytes_max)
    return problem_answer(413, "BODY_TOO_LARGE", "at most " + std::to_string(otp_relay_body_bytes_max) + " bytes");

  const auto waiting = std::make_shared<Waiting>();
  waiting->call.url = carillon_url_ + std::string(path);
  waiting->call.headers = {{"Content-Type", "application/json"}};
  if (const std::string_view key = request.header("Authorization"); !key.empty())
    waiting->call.headers.emplace_back("Authorization", key);
  waiting->call.body = request.body;
  waiting->call.connect_timeout = otp_relay_connect_timeout;
  waiting->call.timeout = timeout_;
  waiting->call.answer_bytes_max = otp_relay_answer_bytes_max;
  Answer answer;
  answer.first = [this, waiting](std::function<void()> go_on) {
    runtime_.post([this, waiting, go_on = std::move(go_on)] { start(waiting, go_on); });
  };
  answer.late_bytes = [waiting] { return std::move(waiting->bytes); };
  return answer;
}

void OtpRelay::start(const std::shared_ptr<Waiting>& waiting, const std::function<void()>& go_on) {
  if (closed_) return;
  if (!client_) client_ = std::make_unique<http::Client>(runtime_, client_settings());
  client_->call(std::move(waiting->call), [this, waiting, go_on](const http::Answer& answer) {
    if (closed_) return;
    waiting->bytes = answer.status == 0 ? no_answer(answer, carillon_url_) : handed_back(answer);
    loop_.post(go_on);
  });
}

}  // namespace carillon::sandbox
