#include "http/detail/response_text.hpp"

#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <charconv>

namespace carillon::http::detail {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool is_token_char(char c) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         others.find(c) != std::string_view::npos;
}

void append_number(std::string& out, std::size_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

// Which of the headers with a default the handler set itself.
struct SetByHandler {
  bool content_type = false, options = false, referrer = false, frame = false, cache = false, policy = false;
};

bool is_framing(std::string_view name) {
  return same_field_name(name, "Content-Length") || same_field_name(name, "Connection") ||
         same_field_name(name, "Transfer-Encoding") || same_field_name(name, "Keep-Alive");
}

SetByHandler append_own(std::string& out, const Fields& fields) {
  SetByHandler set;
  for (const auto& [name, value] : fields) {
    if (is_framing(name)) continue;
    set.content_type |= same_field_name(name, "Content-Type");
    set.options |= same_field_name(name, "X-Content-Type-Options");
    set.referrer |= same_field_name(name, "Referrer-Policy");
    set.frame |= same_field_name(name, "X-Frame-Options");
    set.cache |= same_field_name(name, "Cache-Control");
    set.policy |= same_field_name(name, "Content-Security-Policy");
    append_field(out, name, value);
  }
  return set;
}

}  // namespace

std::string_view reason_phrase(int status) {
  const auto text =
      boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(static_cast<unsigned>(status)));
  return {text.data(), text.size()};
}

bool same_field_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

bool is_sendable(std::string_view name, std::string_view value) {
  return !name.empty() && std::all_of(name.begin(), name.end(), is_token_char) &&
         std::none_of(value.begin(), value.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return (byte < 0x20 && c != '\t') || byte == 0x7F;
         });
}

bool are_sendable(const Fields& fields) {
  return std::all_of(fields.begin(), fields.end(), [](const auto& f) { return is_sendable(f.first, f.second); });
}

bool has_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

void append_head(std::string& out, const Response& response, HeadOptions options) {
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::size_t>(response.status));
  out.push_back(' ');
  out += reason_phrase(response.status);
  out += "\r\n";
  const SetByHandler set = append_own(out, response.headers);
  const std::string_view type = response.content_type;
  const bool typed = !type.empty() && (has_body(response.status) || response.status == 304);
  if (typed && !set.content_type) append_field(out, "Content-Type", type);
  if (!set.options) out += "X-Content-Type-Options: nosniff\r\n";
  if (!set.referrer) out += "Referrer-Policy: no-referrer\r\n";
  if (!set.frame) out += "X-Frame-Options: DENY\r\n";
  if (!set.cache && type.starts_with("application/")) out += "Cache-Control: no-store\r\n";
  if (!set.policy && type.starts_with("text/html")) out += "Content-Security-Policy: default-src 'self'\r\n";
  if (has_body(response.status) && !options.goes_on) {
    out += "Content-Length: ";
    append_number(out, response.body.size());
    out += "\r\n";
  }
  if (!options.keep_alive) {
    out += "Connection: close\r\n";
  } else if (options.http_1_0) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
}

}  // namespace carillon::http::detail
