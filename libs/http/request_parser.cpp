#include "http/detail/request_parser.hpp"

#include <boost/beast/core/string.hpp>

namespace carillon::http::detail {
namespace {

constexpr std::size_t separators_bytes = 4;  // ": " and CR LF

std::string text(boost::beast::string_view view) {
  return {view.data(), view.size()};
}

}  // namespace

RequestParser::RequestParser(const ServerSettings& settings, const std::string& peer)
    : header_bytes_max_(settings.header_bytes_max) {
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
  switch (method) {
    case beast_http::verb::get:
      request.method = Method::GET;
      return;
    case beast_http::verb::post:
      request.method = Method::POST;
      return;
    case beast_http::verb::put:
      request.method = Method::PUT;
      return;
    case beast_http::verb::patch:
      request.method = Method::PATCH;
      return;
    case beast_http::verb::delete_:
      request.method = Method::DELETE_;
      return;
    case beast_http::verb::head:
      request.method = Method::HEAD;
      return;
    case beast_http::verb::options:
      request.method = Method::OPTIONS;
      return;
    default:
      method_known = false;
  }
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

void RequestParser::on_body_init_impl(const boost::optional<std::uint64_t>& content_length, ErrorCode&) {
  if (content_length) request.body.reserve(*content_length);  // at most body_bytes_max
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
