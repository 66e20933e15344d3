#include "sandbox/adapters/http_session.hpp"

#include <algorithm>
#include <charconv>

#include "http/message.hpp"

namespace carillon::sandbox {
namespace {

constexpr std::size_t input_bytes_slack = 64 * 1024;  // pipelined requests behind the one being read

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

const char* reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 303:
      return "See Other";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 451:
      return "Unavailable For Legal Reasons";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";
  }
}

// Request line and headers without the empty line; false when malformed.
bool parse_head(std::string_view head, HttpRequest& request) {
  request.headers.clear();
  std::size_t end = std::min(head.find("\r\n"), head.size());
  const std::string_view line = head.substr(0, end);
  const std::size_t first = line.find(' '), last = line.rfind(' ');
  if (first == std::string_view::npos || last == first || line.substr(last + 1).substr(0, 7) != "HTTP/1.") return false;
  request.method = line.substr(0, first);
  request.target = line.substr(first + 1, last - first - 1);
  if (request.target.empty() || request.target.front() != '/') return false;
  const std::size_t mark = std::min(request.target.find('?'), request.target.size());
  request.path = request.target.substr(0, mark);
  request.query = request.target.substr(std::min(mark + 1, request.target.size()));
  while (end < head.size()) {
    const std::size_t begin = end + 2;
    end = std::min(head.find("\r\n", begin), head.size());
    const std::string_view field = head.substr(begin, end - begin);
    const std::size_t colon = field.find(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    request.headers.emplace_back(field.substr(0, colon), trimmed(field.substr(colon + 1)));
  }
  return true;
}

}  // namespace

std::string_view HttpRequest::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (same_name(key, name)) return value;
  }
  return {};
}

HttpSession::HttpSession(Peer& peer, const HttpHandler& handler, HttpLimits limits)
    : peer_(peer), handler_(handler), limits_(limits) {}

void HttpSession::received(std::string_view bytes) {
  if (ended_) return;
  if (input_.size() + bytes.size() > limits_.header_bytes_max + limits_.body_bytes_max + input_bytes_slack)
    return refuse(413, "too large");
  input_ += bytes;
  if (!busy_) serve();
}

void HttpSession::serve() {
  while (!busy_ && !ended_ && serve_one()) {
  }
}

bool HttpSession::serve_one() {
  const std::size_t head_end = input_.find("\r\n\r\n");
  if (head_end == std::string::npos || head_end > limits_.header_bytes_max) {
    if (input_.size() > limits_.header_bytes_max) refuse(431, "the header is too large");
    return false;
  }
  if (!parse_head(std::string_view(input_).substr(0, head_end), request_)) return refuse(400, "not HTTP/1.1"), false;
  if (!request_.header("Transfer-Encoding").empty()) return refuse(411, "send a Content-Length"), false;
  std::size_t body_bytes = 0;
  if (const std::string_view length = request_.header("Content-Length"); !length.empty()) {
    const auto [end, problem] = std::from_chars(length.data(), length.data() + length.size(), body_bytes);
    if (problem != std::errc{} || end != length.data() + length.size()) return refuse(400, "bad Content-Length"), false;
  }
  if (body_bytes > limits_.body_bytes_max) return refuse(413, "the body is too large"), false;
  const std::size_t body_at = head_end + 4;
  if (input_.size() < body_at + body_bytes) {
    if (!continued_ && same_name(request_.header("Expect"), "100-continue")) {
      continued_ = true;
      peer_.write("HTTP/1.1 100 Continue\r\n\r\n");
    }
    return false;
  }
  continued_ = false;
  request_.body = std::string_view(input_).substr(body_at, body_bytes);
  const bool close = same_name(request_.header("Connection"), "close");
  Answer answer = handler_(request_);
  if (input_.size() == body_at + body_bytes) {
    input_.clear();
  } else {
    input_.erase(0, body_at + body_bytes);
  }
  act(std::move(answer), close);
  return !input_.empty();
}

void HttpSession::refuse(int status, std::string_view text) {
  ended_ = true;
  peer_.write(http_response(status, "text/plain", text, "Connection: close\r\n"));
  peer_.close();
}

void HttpSession::act(Answer answer, bool close) {
  if (answer.first) {
    busy_ = true;
    const auto first = std::exchange(answer.first, nullptr);
    return first(peer_.while_open([this, answer = std::move(answer), close] {
      busy_ = false;
      act(answer, close);
      serve();
    }));
  }
  if (answer.delay.count() <= 0) return perform(answer, close);
  busy_ = true;
  const auto delay = answer.delay;
  // The peer drops this with the connection, and the session ends with it: `this` is alive when it runs.
  peer_.after(delay, [this, answer = std::move(answer), close] {
    busy_ = false;
    perform(answer, close);
    serve();
  });
}

void HttpSession::perform(const Answer& answer, bool close) {
  switch (answer.action) {
    case Action::HANG:
      busy_ = true;
      return peer_.keep_idle();
    case Action::RESET:
      ended_ = true;
      return peer_.reset();
    case Action::CLOSE:
      ended_ = true;
      return peer_.close();
    case Action::SEND:
    case Action::SEND_AND_CLOSE:
    case Action::SEND_AND_RESET:
      break;
  }
  peer_.write(answer.late_bytes ? answer.late_bytes() : answer.bytes);
  if (answer.sent) answer.sent();
  if (answer.action == Action::SEND_AND_RESET) {
    ended_ = true;
    peer_.reset();
  } else if (close || answer.action == Action::SEND_AND_CLOSE) {
    ended_ = true;
    peer_.close();
  }
}

std::string http_response(int status, std::string_view content_type, std::string_view body, std::string_view headers) {
  std::string out;
  out.reserve(160 + headers.size() + body.size());
  out += "HTTP/1.1 ";
  out += std::to_string(status);
  out += ' ';
  out += reason_phrase(status);
  if (!content_type.empty()) {
    out += "\r\nContent-Type: ";
    out += content_type;
  }
  out += "\r\nContent-Length: ";
  out += std::to_string(body.size());
  out += "\r\n";
  out += headers;
  out += "\r\n";
  out += body;
  return out;
}

Answer problem_answer(int status, std::string_view code, std::string_view detail) {
  return send_at_once(http_response(status, "application/problem+json", http::problem(status, code, detail).body));
}

}  // namespace carillon::sandbox
