#include "http/detail/request_parser.hpp"

#include <boost/beast/core/string.hpp>

namespace carillon::http::detail {
namespace {

constexpr std::size_t separators_bytes = 4;  // ": " and CR LF

std::string text(boost::beast::string_view view) {
  return {view.data(), view.size()};
}

std::optional<Method> known_method(beast_http::verb method) {
  switch (method) {
    case beast_http::verb::get:
      return Method::GET;
    case beast_http::verb::post:
      return Method::POST;
    case beast_http::verb::put:
      return Method::PUT;
    case beast_http::verb::patch:
      return Method::PATCH;
    case beast_http::verb::delete_:
      return Method::DELETE_;
    case beast_http::verb::head:
      return Method::HEAD;
    case beast_http::verb::options:
      return Method::OPTIONS;
    default:
      return std::nullopt;
  }
}

}  // namespace

RequestParser::RequestParser(const ServerSettings& settings, const Router& router, const LargeBodies& large_bodies,
                             const std::string& peer)
    : router_(router),
      large_bodies_(large_bodies),
      header_bytes_max_(settings.header_bytes_max),
      body_bytes_max_(settings.body_bytes_max) {
  header_limit(static_cast<std::uint32_t>(settings.header_bytes_max));
  body_limit(settings.body_bytes_max);
  eager(true);
  request.peer = peer;
}

void RequestParser::on_request_impl(beast_http::verb method, boost::beast::string_view,
                                    boost::beast::string_view target, int version_number, ErrorCode&) {
  version = version_number;
  request.target = text(target);
  header_bytes_ = target.size();
  request.headers.reserve(8);
  const auto known = known_method(method);
  method_known = known.has_value();
  if (!known) return;
  request.method = *known;
  const auto large = router_.large_body_bytes_max(request.method, request.target);
  if (!large) return;
  may_be_large_ = true;
  body_limit(*large);
  eager(false);
}

bool RequestParser::is_large(const boost::optional<std::uint64_t>& content_length) const {
  return may_be_large_ && (!content_length || *content_length > body_bytes_max_);
}

bool RequestParser::needs_place() const {
  return !is_done() && is_large(content_length());
}

void RequestParser::on_field_impl(beast_http::field id, boost::beast::string_view name, boost::beast::string_view value,
                                  ErrorCode& error) {
  // Beast's own limit counts only what it has not yet parsed; this one counts the whole header, trailers too.
  header_bytes_ += name.size() + value.size() + separators_bytes;
  if (header_bytes_ > header_bytes_max_) {
    error = beast_http::error::header_limit;
    return;
  }
  if (id == beast_http::field::host) ++hosts;
  // Beast takes an unknown coding for "no body", and the body for the next request.
  if (id == beast_http::field::transfer_encoding && !boost::beast::iequals(value, "chunked")) {
    error = beast_http::error::bad_transfer_encoding;
    return;
  }
  if (id == beast_http::field::expect)
    (boost::beast::iequals(value, "100-continue") ? expects_continue : expects_other) = true;
  if (id == beast_http::field::unknown && boost::beast::iequals(name, "traceparent")) traceparent = text(value);
  request.headers.emplace_back(text(name), text(value));
}

void RequestParser::on_body_init_impl(const boost::optional<std::uint64_t>& content_length, ErrorCode& error) {
  if (is_large(content_length) && !(request.room = large_bodies_.take())) {
    no_room = true;
    error = beast_http::error::body_limit;
    return;
  }
  if (content_length) request.body.reserve(*content_length);  // at most the body's limit
}

std::size_t RequestParser::on_body_impl(boost::beast::string_view bytes, ErrorCode&) {
  request.body.append(bytes.data(), bytes.size());
  return bytes.size();
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, boost::beast::string_view bytes, ErrorCode&) {
  request.body.append(bytes.data(), bytes.size());
  return bytes.size();
}

}  // namespace carillon::http::detail
