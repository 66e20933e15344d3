// HTTP/1.1 on one connection, without sockets: bytes in, Answers out. Keep-alive and pipelining in order.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sandbox/adapters/answer.hpp"
#include "sandbox/adapters/listener.hpp"

namespace carillon::sandbox {

// Views into the connection's buffer: valid until the handler returns.
struct HttpRequest {
  std::string_view method;
  std::string_view target;  // path and query as sent
  std::string_view path;    // up to '?'
  std::string_view query;   // after '?'
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  std::string_view body;
  std::string_view header(std::string_view name) const;  // case-insensitive, "" when absent
};

struct HttpLimits {
  std::size_t header_bytes_max = 16 * 1024;
  std::size_t body_bytes_max = 12 * 1024 * 1024;
};

using HttpHandler = std::function<Answer(const HttpRequest&)>;

class HttpSession final : public Protocol {
 public:
  // `handler` must outlive the session.
  HttpSession(Peer& peer, const HttpHandler& handler, HttpLimits limits = {});
  void received(std::string_view bytes) override;

 private:
  void serve();
  bool serve_one();
  void refuse(int status, std::string_view text);
  void act(Answer answer, bool close);
  void perform(const Answer& answer, bool close);

  Peer& peer_;
  const HttpHandler& handler_;
  const HttpLimits limits_;
  std::string input_;
  HttpRequest request_;  // kept for its vector's memory
  bool busy_ = false;    // an answer is delayed: later requests wait
  bool ended_ = false;
  bool continued_ = false;  // "100 Continue" was sent for the request being read
};

// A whole response; without Content-Type when that is "". `headers` are complete lines, each ending in CRLF.
std::string http_response(int status, std::string_view content_type, std::string_view body,
                          std::string_view headers = {});

// An RFC 9457 problem.
Answer problem_answer(int status, std::string_view code, std::string_view detail);

}  // namespace carillon::sandbox
