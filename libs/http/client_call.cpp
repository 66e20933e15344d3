// From a Call to the bytes of a request.
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>

#include "http/detail/client_connection.hpp"
#include "http/detail/response_text.hpp"
#include "http/method_name.hpp"

namespace carillon::http::detail {
namespace {

constexpr std::size_t small_body_bytes = 16 * 1024;  // sent in one piece with the head

std::string url_text(boost::urls::string_view view) {
  return {view.data(), view.size()};
}

bool is_port(const std::string& url_text) {
  constexpr int port_max = 65'535;
  int port = 0;
  const auto [end, error] = std::from_chars(url_text.data(), url_text.data() + url_text.size(), port);
  return error == std::errc() && end == url_text.data() + url_text.size() && port > 0 && port <= port_max;
}

std::string parse_url(const std::string& url, OriginName& origin, std::string& host_header, std::string& target) {
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed) return "the URL is malformed";
  const boost::urls::url_view& view = *parsed;
  origin.tls = view.scheme_id() == boost::urls::scheme::https;
  if (!origin.tls && view.scheme_id() != boost::urls::scheme::http) return "the URL is neither http nor https";
  if (view.has_userinfo()) return "the URL holds a user name";
  const std::string host = url_text(view.encoded_host());
  if (host.empty() || host.find('%') != std::string::npos) return "the URL has no usable host";
  const bool bracketed = host.front() == '[';
  origin.host = bracketed ? host.substr(1, host.size() - 2) : host;
  const std::string default_port = origin.tls ? "443" : "80";
  origin.port = view.has_port() && !view.port().empty() ? url_text(view.port()) : default_port;
  if (!is_port(origin.port)) return "the URL has no usable port";
  host_header = origin.port == default_port ? host : host + ":" + origin.port;
  target = url_text(view.encoded_target());
  if (target.empty() || target.front() == '?') target.insert(0, "/");
  return "";
}

bool is_set_here(std::string_view name) {
  return same_field_name(name, "Host") || same_field_name(name, "Content-Length") ||
         same_field_name(name, "Connection") || same_field_name(name, "Transfer-Encoding");
}

}  // namespace

std::string prepare(Call&& call, Pending& pending) {
  std::string host;
  std::string target;
  if (std::string wrong = parse_url(call.url, pending.origin, host, target); !wrong.empty()) return wrong;
  pending.origin.public_only = call.public_addresses_only;
  const bool small = call.body.size() <= small_body_bytes;
  std::string& out = pending.request;
  out.reserve(256 + target.size() + call.headers.size() * 64 + (small ? call.body.size() : 0));
  out += method_name(call.method);
  out += " " + target + " HTTP/1.1\r\nHost: " + host + "\r\n";
  for (const auto& [name, value] : call.headers) {
    // The name may be said; the value may be a secret.
    if (!is_sendable(name, value)) return "the header " + (is_sendable(name, "") ? name : "name") + " can't be sent";
    if (is_set_here(name)) continue;
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
  }
  const bool takes_body = call.method == Method::POST || call.method == Method::PUT || call.method == Method::PATCH;
  if (takes_body || !call.body.empty()) out += "Content-Length: " + std::to_string(call.body.size()) + "\r\n";
  out += "\r\n";
  if (small) {
    out += call.body;
  } else {
    pending.body = std::move(call.body);
  }
  pending.head_only = call.method == Method::HEAD;
  pending.deadline = pending.started + call.timeout;
  pending.connect_timeout = call.connect_timeout;
  pending.answer_bytes_max = call.answer_bytes_max;
  return "";
}

void finish(std::unique_ptr<Pending> pending, Answer answer) {
  const auto took = std::chrono::steady_clock::now() - pending->started;
  answer.took = std::chrono::duration_cast<std::chrono::microseconds>(took);
  const auto done = std::move(pending->done);
  pending.reset();
  done(std::move(answer));
}

}  // namespace carillon::http::detail
